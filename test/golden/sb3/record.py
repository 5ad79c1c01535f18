#!/usr/bin/env python3
"""Records one update of sb3-contrib's TRPO and one of Stable-Baselines3's PPO, with what they started from.

    python test/golden/sb3/record.py

Writes trpo.safetensors and ppo.safetensors beside this file: observations, actions, logQ, advantages (not normalised) and
returns of a batch of Swimmer-v5 as VecNormalize shows it, and the parameters before and after, layer by layer (weights,
biases; the policy's log standard deviations last). Minibatches are the whole batch, so that no order has to be recorded;
gradients are not clipped, since the clip there is of both networks together. Needs stable-baselines3, sb3-contrib,
gymnasium, mujoco and safetensors.
"""

import os

import numpy as np
import torch
from safetensors.numpy import save_file
from sb3_contrib import TRPO
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecNormalize

torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
ENVS, STEPS = 2, 128
# The update that is recorded: the networks have learnt a little, and Adam's moments are of the updates before.
RECORDED = 2
COMMON = dict(n_steps=STEPS, batch_size=ENVS * STEPS, gamma=0.99, gae_lambda=0.95, learning_rate=1e-3)
METHODS = {
    "trpo": (TRPO, dict(sub_sampling_factor=1, cg_max_steps=25, cg_damping=0.1, target_kl=0.01, n_critic_updates=20)),
    "ppo": (PPO, dict(n_epochs=20, clip_range=0.1, ent_coef=0.01, vf_coef=0.5, max_grad_norm=1e9)),
}
POLICY = ["mlp_extractor.policy_net.0", "mlp_extractor.policy_net.2", "action_net"]
VALUE = ["mlp_extractor.value_net.0", "mlp_extractor.value_net.2", "value_net"]


def flat(model, layers, of=lambda parameter: parameter):
    named = dict(model.policy.named_parameters())
    names = [f"{layer}.{part}" for layer in layers for part in ("weight", "bias")]
    names += ["log_std"] if layers is POLICY else []
    return np.concatenate([of(named[name]).detach().numpy().ravel() for name in names]).astype("f4")


def record(name):
    algorithm, settings = METHODS[name]
    tensors = {}

    class Recorded(algorithm):
        updates = 0

        def train(self):
            if self.updates == RECORDED:
                # As the update itself takes it: slot after slot.
                batch = next(self.rollout_buffer.get(batch_size=None))
                for key, values in [("observations", batch.observations), ("actions", batch.actions),
                                    ("logQ", batch.old_log_prob), ("advantages", batch.advantages),
                                    ("returns", batch.returns)]:
                    tensors[key] = values.numpy().astype("f4")
                self.keep("before")
            super().train()
            if self.updates == RECORDED:
                self.keep("after")
            self.updates += 1

        def keep(self, when):
            state = self.policy.optimizer.state
            for who, layers in [("policy", POLICY), ("value", VALUE)]:
                tensors[f"{who}.{when}"] = flat(self, layers)
                # TRPO's policy has none.
                if when == "before" and (who == "value" or name == "ppo"):
                    for moment, key in [("mean", "exp_avg"), ("square", "exp_avg_sq")]:
                        tensors[f"{who}.{moment}"] = flat(self, layers, lambda parameter, key=key: state[parameter][key])

    env = VecNormalize(make_vec_env("Swimmer-v5", n_envs=ENVS, seed=1), gamma=0.99)
    Recorded("MlpPolicy", env, seed=1, device="cpu", **COMMON, **settings).learn((RECORDED + 1) * ENVS * STEPS)
    save_file(tensors, os.path.join(HERE, f"{name}.safetensors"))


if __name__ == "__main__":
    for name in METHODS:
        record(name)
