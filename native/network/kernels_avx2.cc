#define TRELLIS_KERNELS kKernelsAvx2
#include "network/lanes_avx2.h"

#include "network/kernels_all.h"
