"""The networks of bench/network.ts in PyTorch, double backprop and all.

network_torch.py THREADS: reads lines "<net> <work> <observations> <repetitions>", does the work, prints "done".
"""
import sys

import torch
from torch import nn


def hopper():
    return nn.Sequential(nn.Linear(41, 50), nn.Softplus(), nn.Linear(50, 50), nn.Softplus(), nn.Linear(50, 3)), (41,)


def atari():
    layers = [nn.Conv2d(4, 16, 4, 2), nn.Tanh(), nn.Conv2d(16, 16, 4, 2), nn.Tanh(), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(1408, 20), nn.Tanh(), nn.Linear(20, 8)), (4, 52, 40)


class Task:
    def __init__(self, name):
        self.gaussian = name == "hopper"
        self.net, self.shape = hopper() if self.gaussian else atari()
        self.log_std = torch.zeros(3, requires_grad=True)
        self.parameters = list(self.net.parameters()) + ([self.log_std] if self.gaussian else [])
        self.inputs = {}

    def rows(self, count):
        if count not in self.inputs:
            self.inputs = {count: torch.randn(count, *self.shape)}
        return self.inputs[count]

    def forward(self, x):
        with torch.no_grad():
            self.net(x)

    def gradient(self, x):
        out = self.net(x)
        torch.autograd.grad((out * out.detach()).sum(), list(self.net.parameters()))

    def kl(self, out):
        """Mean KL to the distribution itself, whose Hessian is the Fisher matrix."""
        if self.gaussian:
            old, old_std = out.detach(), self.log_std.detach()
            variance = torch.exp(2 * self.log_std)
            terms = self.log_std - old_std + (torch.exp(2 * old_std) + (old - out) ** 2) / (2 * variance) - 0.5
            return terms.sum(1).mean()
        total = 0
        for logits in torch.split(out, [3, 3, 2], dim=1):
            logp = torch.log_softmax(logits, 1)
            old = logp.detach()
            total = total + (torch.exp(old) * (old - logp)).sum(1).mean()
        return total

    def fvp(self, x):
        first = torch.autograd.grad(self.kl(self.net(x)), self.parameters, create_graph=True)
        dot = sum((g * torch.ones_like(g)).sum() for g in first)
        torch.autograd.grad(dot, self.parameters)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    tasks = {}
    for line in sys.stdin:
        net, work, count, repetitions = line.split()
        task = tasks.setdefault(net, Task(net))
        x = task.rows(int(count))
        for _ in range(int(repetitions)):
            getattr(task, work)(x)
        print("done", flush=True)


if __name__ == "__main__":
    main()
