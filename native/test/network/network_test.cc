// The fast network against the reference on random shapes, and what must not change a bit: instruction set, threads,
// position in the batch, batch size.
#include "network/network.h"

#include <gtest/gtest.h>

#include <cstring>

#include "network/reference.h"
#include "trial.h"

namespace trellis::network {
namespace {

using parallel::InstructionSet;

std::unique_ptr<Network> make(const Trial& trial, InstructionSet set, int threads = 1, int64_t keep = 1 << 28) {
  auto network =
      std::make_unique<Network>(trial.spec, std::make_shared<parallel::ThreadPool>(threads), kernels(set), keep);
  network->setTheta(trial.theta.data());
  return network;
}

struct Results {
  std::vector<float> outputs, tangents, gradient, inputs, product, weighted;
  bool operator==(const Results&) const = default;
};

Results compute(const Trial& trial, Network& network, Observations data) {
  data.number = nextSetNumber();
  const int64_t P = trial.spec.parameterCount();
  Results r{std::vector<float>(trial.outputs()),
            std::vector<float>(trial.outputs()),
            std::vector<float>(P),
            std::vector<float>(trial.count * trial.spec.inputSize()),
            std::vector<float>(P),
            std::vector<float>(P)};
  const std::vector<float> v = normals(P, 1), cotangents = normals(trial.outputs(), 2),
                           weights = normals(trial.count, 3);
  network.evaluate(data, r.outputs.data());
  network.vjp(data, cotangents.data(), r.gradient.data());
  network.inputGradient(data, cotangents.data(), r.inputs.data());
  network.fisherVectorProduct(data, v.data(), trial.metric(), nullptr, r.product.data());
  network.fisherVectorProduct(data, v.data(), trial.metric(), weights.data(), r.weighted.data());
  network.jvp(data, v.data(), r.tangents.data());
  return r;
}

Results compute(const Trial& trial, Network& network) {
  return compute(trial, network, {trial.observations(), trial.count, trial.spec.inputSize()});
}

Results computeByReference(const Trial& trial) {
  const int64_t P = trial.spec.parameterCount(), m = trial.spec.outputSize();
  const std::vector<float> v = normals(P, 1), cotangents = normals(trial.outputs(), 2),
                           weights = normals(trial.count, 3);
  const std::vector<double> direction(v.begin(), v.end());
  std::vector<double> gradient(P), product(P), weighted(P);
  Results r;
  Reference reference(trial.spec, trial.theta.data());
  for (int64_t i = 0; i < trial.count; ++i) {
    const std::vector<double> input = scaledInput(trial.spec, trial.row(i));
    const std::vector<double> outputs = reference.forward(input);
    const std::vector<double> tangent = reference.tangent(direction);
    r.outputs.insert(r.outputs.end(), outputs.begin(), outputs.end());
    r.tangents.insert(r.tangents.end(), tangent.begin(), tangent.end());
    const std::vector<double> below =
        reference.pullback({cotangents.begin() + i * m, cotangents.begin() + (i + 1) * m}, gradient);
    for (double x : unscaledGradient(trial.spec, input, below)) r.inputs.push_back(static_cast<float>(x));
    std::vector<double> metric = metricProduct(trial.metric(), i, outputs, tangent);
    for (double& x : metric) x /= static_cast<double>(trial.count);
    reference.pullback(metric, product);
    for (double& x : metric) x *= weights[i];
    reference.pullback(metric, weighted);
  }
  r.gradient.assign(gradient.begin(), gradient.end());
  r.product.assign(product.begin(), product.end());
  r.weighted.assign(weighted.begin(), weighted.end());
  return r;
}

void expectClose(const std::vector<float>& actual, const std::vector<float>& expected, const char* what,
                 unsigned seed) {
  ASSERT_EQ(actual.size(), expected.size());
  double difference = 0, size = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    difference += std::pow(double{actual[i]} - expected[i], 2);
    size += std::pow(double{expected[i]}, 2);
  }
  EXPECT_LE(std::sqrt(difference), 2e-5 * std::sqrt(size) + 1e-7) << what << ", seed " << seed;
}

TEST(Network, AgreesWithTheReferenceOnEveryInstructionSet) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    const Trial trial = randomTrial(seed, seed >= 40);
    const Results expected = computeByReference(trial);
    const Results scalar = compute(trial, *make(trial, InstructionSet::scalar));
    expectClose(scalar.outputs, expected.outputs, "outputs", seed);
    expectClose(scalar.tangents, expected.tangents, "tangents", seed);
    expectClose(scalar.gradient, expected.gradient, "gradient", seed);
    expectClose(scalar.inputs, expected.inputs, "gradient in the inputs", seed);
    expectClose(scalar.product, expected.product, "product", seed);
    expectClose(scalar.weighted, expected.weighted, "weighted product", seed);
    for (auto set : {InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
      if (!parallel::available(set)) continue;
      EXPECT_TRUE(compute(trial, *make(trial, set)) == scalar) << parallel::name(set) << ", seed " << seed;
    }
  }
}

TEST(Network, ThreadsAndKeptActivationsChangeNothing) {
  for (const Trial& trial : {hopper(3000), atari(70), residual(900)}) {
    const Results one = compute(trial, *make(trial, parallel::bestInstructionSet(), 1));
    EXPECT_TRUE(compute(trial, *make(trial, parallel::bestInstructionSet(), 2)) == one);
    EXPECT_TRUE(compute(trial, *make(trial, parallel::bestInstructionSet(), 3, 0)) == one);
  }
}

TEST(Network, OutputsDoNotDependOnTheBatch) {
  for (const Trial& trial : {hopper(700), atari(40), residual(300)}) {
    const auto network = make(trial, parallel::bestInstructionSet(), 2);
    const int64_t m = trial.spec.outputSize();
    std::vector<float> all(trial.outputs());
    network->forward(trial.observations(), trial.count, all.data());
    // With more threads than blocks these share the layers.
    for (int threads : {1, 2, 5}) {
      const auto other = make(trial, parallel::bestInstructionSet(), threads);
      for (int64_t first : {int64_t{0}, int64_t{1}, int64_t{17}, trial.count - 3}) {
        for (int64_t count : {1, 2, 3, 16, 23}) {
          count = std::min(count, trial.count - first);
          std::vector<float> some(count * m);
          other->forward(trial.row(first), count, some.data());
          EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin() + first * m)) << threads << " " << count;
        }
      }
    }
    std::vector<float> thetas, each(trial.outputs());
    for (int64_t i = 0; i < trial.count; ++i) thetas.insert(thetas.end(), trial.theta.begin(), trial.theta.end());
    network->forwardEach(thetas.data(), trial.observations(), trial.count, each.data());
    EXPECT_EQ(each, all);
  }
}

// Threads that share a layer share its workspace from the first call on.
TEST(Network, TheFirstForwardPassIsAsAnyOther) {
  const Trial trial = atari(16);
  const auto one = make(trial, parallel::bestInstructionSet());
  std::vector<float> expected(trial.outputs()), actual(trial.outputs());
  one->forward(trial.observations(), trial.count, expected.data());
  for (int i = 0; i < 200; ++i) {
    const auto fresh = make(trial, parallel::bestInstructionSet(), 2 + i % 3);
    std::fill(actual.begin(), actual.end(), -1.0f);
    fresh->forward(trial.observations(), trial.count, actual.data());
    ASSERT_EQ(actual, expected) << i;
  }
}

// Rows at a stride, and rows by number, some of them twice: the results of a set that has been copied.
TEST(Network, SubsetsAreRows) {
  for (const Trial& trial : {hopper(101), atari(101), residual(101)}) {
    const auto network = make(trial, parallel::bestInstructionSet());
    const int64_t inputs = trial.spec.inputSize(), bytes = inputs * (trial.spec.bytes ? 1 : sizeof(float));
    std::vector<int32_t> strided, chosen, many;
    for (int i = 0; i < 101; i += 10) strided.push_back(i);
    for (int i = 0; i < 300; ++i) chosen.push_back((i * 37 + i / 100) % 101);
    // More than are pulled back at a time.
    for (int i = 0; i < (trial.spec.bytes ? 0 : 2500); ++i) many.push_back((i * 41 + i / 100) % 101);
    for (const std::vector<int32_t>& rows : {strided, chosen, many}) {
      Trial copied = trial;
      copied.count = static_cast<int64_t>(rows.size());
      copied.floats.resize(rows.size() * inputs);
      copied.bytes.resize(rows.size() * inputs);
      for (size_t i = 0; i < rows.size(); ++i) {
        std::memcpy(const_cast<void*>(copied.row(static_cast<int64_t>(i))), trial.row(rows[i]), bytes);
      }
      // Of rows by number, sums over observations are chains: close to those of a copied set.
      Results expected = compute(copied, *network);
      const Results byNumber = compute(copied, *network, {trial.observations(), copied.count, inputs, rows});
      expectClose(byNumber.gradient, expected.gradient, "gradient", 0);
      expectClose(byNumber.product, expected.product, "product", 0);
      expectClose(byNumber.weighted, expected.weighted, "weighted product", 0);
      expected.gradient = byNumber.gradient;
      expected.product = byNumber.product;
      expected.weighted = byNumber.weighted;
      EXPECT_TRUE(byNumber == expected);
      for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
        if (!parallel::available(set)) continue;
        Observations again{trial.observations(), copied.count, inputs, rows};
        EXPECT_TRUE(compute(copied, *make(trial, set, 2), std::move(again)) == byNumber) << parallel::name(set);
      }
    }
    Trial every = trial;
    every.count = 11;
    EXPECT_TRUE(compute(every, *network, {trial.observations(), 11, 10 * inputs}).outputs ==
                compute(every, *network, {trial.observations(), 11, inputs, strided}).outputs);
  }
}

// What an evaluation has left is used by the pullback that follows, if it is of the same set and parameters.
TEST(Network, PullbacksDoNotDependOnWhatWasEvaluatedBefore) {
  // In one block and in several.
  for (const auto& [base, observations] : {std::pair{hopper(101), 5},
                                           {atari(9), 5},
                                           {residual(60), 5},
                                           {hopper(101), 700},
                                           {atari(9), 40},
                                           {residual(60), 700}}) {
    Trial trial = base;
    const int count = observations;
    const int64_t all = trial.count;
    trial.count = count;
    const auto network = make(trial, parallel::bestInstructionSet());
    const int64_t inputs = trial.spec.inputSize();
    const std::vector<float> cotangents = normals(trial.outputs(), 2);
    std::vector<float> outputs(trial.outputs()), gradient(trial.spec.parameterCount()), alone(gradient.size());
    std::vector<int32_t> rows, others;
    for (int i = 0; i < count; ++i) {
      rows.push_back(static_cast<int32_t>((i * 5 + 3) % all));
      others.push_back(static_cast<int32_t>((i * 7 + 2) % all));
    }
    Observations data{trial.observations(), count, inputs, rows}, other{trial.observations(), count, inputs, others};
    const Observations unnumbered{trial.observations(), count, inputs, rows};
    data.number = 1;
    other.number = 2;
    const auto expectTheSame = [&](const char* after) {
      network->vjp(data, cotangents.data(), gradient.data());
      const auto fresh = make(trial, parallel::bestInstructionSet());
      fresh->vjp(unnumbered, cotangents.data(), alone.data());
      EXPECT_EQ(gradient, alone) << after;
    };
    expectTheSame("nothing");
    network->evaluate(data, outputs.data());
    expectTheSame("the same");
    expectTheSame("a pullback");
    network->evaluate(other, outputs.data());
    expectTheSame("another set");
    network->evaluate(data, outputs.data());
    network->forward(trial.row(0), 1, outputs.data());
    expectTheSame("a forward pass of one");
    network->evaluate(data, outputs.data());
    const std::vector<float> v = normals(trial.spec.parameterCount(), 1);
    std::vector<float> product(v.size()), freshly(v.size());
    network->fisherVectorProduct(data, v.data(), trial.metric(), nullptr, product.data());
    Observations another{trial.observations(), count, inputs, rows};
    make(trial, parallel::bestInstructionSet())
        ->fisherVectorProduct(another, v.data(), trial.metric(), nullptr, freshly.data());
    EXPECT_EQ(product, freshly);
    expectTheSame("a product");
    network->evaluate(data, outputs.data());
    for (float& x : trial.theta) x *= 1.1f;
    network->setTheta(trial.theta.data());
    expectTheSame("other parameters");
  }
}

TEST(Network, OneObservationIsAsInABatchOnEveryInstructionSet) {
  for (const Trial& trial : {hopper(16), atari(16), residual(16)}) {
    std::vector<float> all(trial.outputs()), one(trial.spec.outputSize());
    make(trial, InstructionSet::scalar)->forward(trial.observations(), 16, all.data());
    for (auto set : {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon}) {
      if (!parallel::available(set)) continue;
      const auto network = make(trial, set);
      for (int i = 0; i < 16; ++i) {
        network->forward(trial.row(i), 1, one.data());
        EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + i * static_cast<int64_t>(one.size())));
      }
    }
  }
}

TEST(Network, ChangedParametersOutdateWhatIsKept) {
  Trial trial = hopper(500);
  const auto network = make(trial, parallel::bestInstructionSet());
  Observations data{trial.observations(), trial.count, trial.spec.inputSize()};
  data.number = 1;
  const std::vector<float> v = normals(trial.spec.parameterCount(), 1), cotangents = normals(trial.outputs(), 2);
  std::vector<float> stale(v.size()), fresh(v.size()), gradient(v.size());
  network->fisherVectorProduct(data, v.data(), trial.metric(), nullptr, stale.data());
  for (float& x : trial.theta) x *= 1.1f;
  network->setTheta(trial.theta.data());
  const Results expected = compute(trial, *make(trial, parallel::bestInstructionSet()));
  network->vjp(data, cotangents.data(), gradient.data());
  EXPECT_EQ(gradient, expected.gradient);
  network->fisherVectorProduct(data, v.data(), trial.metric(), nullptr, fresh.data());
  EXPECT_EQ(fresh, expected.product);
}

TEST(Network, JacobianRowsArePullbacks) {
  for (const Trial& trial : {hopper(4), residual(4)}) {
    const auto network = make(trial, parallel::bestInstructionSet(), 2);
    const int64_t P = trial.spec.parameterCount(), m = trial.spec.outputSize();
    const Observations data{trial.observations(), trial.count, trial.spec.inputSize()};
    std::vector<float> jacobian(trial.count * m * P), sum(P), gradient(P);
    network->jacobian(data, jacobian.data());
    const std::vector<float> cotangents = normals(trial.outputs(), 2);
    network->vjp(data, cotangents.data(), gradient.data());
    for (int64_t row = 0; row < trial.outputs(); ++row) {
      for (int64_t p = 0; p < P; ++p) sum[p] += cotangents[row] * jacobian[row * P + p];
    }
    expectClose(gradient, sum, "J^T c", 0);
  }
}

TEST(Network, NoObservationsGiveZeros) {
  const Trial trial = hopper(1);
  const auto network = make(trial, parallel::bestInstructionSet(), 2);
  std::vector<float> gradient(trial.spec.parameterCount(), 1.0f), v = normals(trial.spec.parameterCount(), 1);
  Observations none{nullptr, 0, trial.spec.inputSize()};
  float untouched = 7;
  network->evaluate(none, &untouched);
  network->forward(nullptr, 0, &untouched);
  network->forwardEach(nullptr, nullptr, 0, &untouched);
  network->jvp(none, v.data(), &untouched);
  network->jacobian(none, &untouched);
  network->inputGradient(none, nullptr, &untouched);
  EXPECT_EQ(untouched, 7);
  network->vjp(none, nullptr, gradient.data());
  EXPECT_EQ(gradient, std::vector<float>(gradient.size()));
  network->fisherVectorProduct(none, v.data(), trial.metric(), nullptr, gradient.data());
  EXPECT_EQ(gradient, std::vector<float>(gradient.size()));
}

}  // namespace
}  // namespace trellis::network
