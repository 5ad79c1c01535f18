#define TRELLIS_KERNELS kKernelsScalar
#include "network/lanes_scalar.h"

#include "network/kernels_all.h"
