/**
 * Discounted sums of future rewards along each path, Q(s_t, a_t) = Σ_k γ^k r_{t+k}; zero after the path's last step.
 * @param rewards [S]
 * @param offsets first state of each path, then S [E + 1]
 * @param discount γ in 0 … 1
 */
export function discountedReturns(
  rewards: Float32Array,
  offsets: Int32Array,
  discount: number,
  out = new Float64Array(rewards.length),
): Float64Array {
  for (let path = 0; path + 1 < offsets.length; path++) {
    let sum = 0;
    for (let i = offsets[path + 1] - 1; i >= offsets[path]; i--) {
      sum = rewards[i] + discount * sum;
      out[i] = sum;
    }
  }
  return out;
}
