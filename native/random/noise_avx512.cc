#define TRELLIS_NOISE_KERNELS kNoiseAvx512
#include "random/noise_kernels.h"
