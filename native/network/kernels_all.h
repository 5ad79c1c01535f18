// The source of every kernels_<instruction set>.cc, which includes its lanes_*.h and defines TRELLIS_KERNELS first. All
// kernels are in unnamed namespaces, so that nothing compiled for one instruction set can be linked into another.
#include "network/adam_kernels.h"
#include "network/block_kernels.h"
#include "network/gather_kernels.h"
#include "network/gradient_kernels.h"
#include "network/norm_kernels.h"

namespace trellis::network {

extern const Kernels TRELLIS_KERNELS;
const Kernels TRELLIS_KERNELS = {Lanes::name, Lanes::unitBlock, gather,           gatherOne,         gatherEach,
                                 gradient,    activate,         multiplyBySlope,  multiply,          add,
                                 normalize,   normalizeEach,    normalizeTangent, normalizeGradient, normalizePullback,
                                 loadFloats,  loadBytes,        storeRows,        softmaxMetric,     gaussianMetric,
                                 adam,        unscale};

}  // namespace trellis::network
