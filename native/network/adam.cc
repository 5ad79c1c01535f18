#include "network/adam.h"

#include <cmath>

#if defined(_MSC_VER)
#define TRELLIS_RESTRICT __restrict
#else
#define TRELLIS_RESTRICT __restrict__
#endif

namespace trellis::network {

void adamStep(float* TRELLIS_RESTRICT theta, float* TRELLIS_RESTRICT mean, float* TRELLIS_RESTRICT square,
              const float* TRELLIS_RESTRICT gradient, int64_t count, const AdamStep& step) {
  const AdamStep s = step;
  for (int64_t i = 0; i < count; ++i) {
    const double g = gradient[i];
    const float first = static_cast<float>(s.beta1 * mean[i] + (1 - s.beta1) * g);
    const float second = static_cast<float>(s.beta2 * square[i] + (1 - s.beta2) * g * g);
    mean[i] = first;
    square[i] = second;
    theta[i] =
        static_cast<float>(s.keep * theta[i] - (s.rate * first) / (std::sqrt(s.correction * second) + s.epsilon));
  }
}

}  // namespace trellis::network
