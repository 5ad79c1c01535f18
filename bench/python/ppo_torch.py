"""A step of PPO on the 84 x 84 network in PyTorch: ppo_torch.py THREADS.

Reads lines "<samples> <repetitions>", does so many steps (a minibatch of a batch of BATCH, forward, clipped objective,
entropy, backward, gradient clipping, Adam), prints wall clock and processor time in seconds.
"""
import sys
import time

import torch
from torch import nn


BATCH = 1024


def network(outputs):
    return nn.Sequential(nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3, 1),
                         nn.ReLU(), nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, outputs))


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    net = network(6)
    adam = torch.optim.Adam(net.parameters(), lr=2.5e-4, eps=1e-5)
    batch = (torch.randint(0, 256, (BATCH, 4, 84, 84), dtype=torch.uint8), torch.randint(0, 6, (BATCH,)),
             torch.randn(BATCH), torch.full((BATCH,), -1.79))
    for line in sys.stdin:
        count, repetitions = (int(word) for word in line.split())
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(repetitions):
            rows = torch.randperm(BATCH)[:count]
            pictures, actions, advantages, old = (column[rows] for column in batch)
            distribution = torch.distributions.Categorical(logits=net(pictures.float() / 255))
            ratio = torch.exp(distribution.log_prob(actions) - old)
            gain = torch.min(ratio * advantages, torch.clamp(ratio, 0.9, 1.1) * advantages).mean()
            loss = -gain - 0.01 * distribution.entropy().mean()
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            adam.step()
        print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)


if __name__ == "__main__":
    main()
