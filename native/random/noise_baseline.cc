#define TRELLIS_NOISE_KERNELS kNoiseBaseline
#include "random/noise_kernels.h"
