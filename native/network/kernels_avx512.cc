#define TRELLIS_KERNELS kKernelsAvx512
#include "network/lanes_avx512.h"

#include "network/kernels_all.h"
