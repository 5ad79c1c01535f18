// What addon.cc exports. Each function is defined in the file of its handle.
#pragma once

#include <napi.h>

namespace trellis::napi {

void registerPlatform(Napi::Env env, Napi::Object exports);     // platform.cc: CPU features, versions
void registerNoise(Napi::Env env, Napi::Object exports);        // noise.cc: counter-based draws
void registerFileLock(Napi::Env env, Napi::Object exports);     // file_lock.cc: the lock of a run directory
void registerRows(Napi::Env env, Napi::Object exports);         // rows.cc: copies of scattered rows
void registerMpi(Napi::Env env, Napi::Object exports);          // mpi.cc: other processes of a run
void registerNetwork(Napi::Env env, Napi::Object exports);      // network.cc
void registerAtariBatch(Napi::Env env, Napi::Object exports);   // atari_batch.cc
void registerMujocoBatch(Napi::Env env, Napi::Object exports);  // mujoco_batch.cc, and the model with it
void registerMujocoModel(Napi::Env env, Napi::Object exports);  // mujoco_model.cc

}  // namespace trellis::napi
