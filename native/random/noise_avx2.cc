#define TRELLIS_NOISE_KERNELS kNoiseAvx2
#include "random/noise_kernels.h"
