#define TRELLIS_KERNELS kKernelsNeon
#include "network/lanes_neon.h"

#include "network/kernels_all.h"
