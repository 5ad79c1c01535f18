import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { CheckedMetric } from '../arguments.js';
import type { TensorFlow } from './backend.js';

/**
 * M t for observations from … of a set.
 * @param outputs [rows × m]
 * @param tangents [rows × m]
 */
export function metricProduct(
  tf: TensorFlow,
  { kind, sizes, weights, eachRow }: CheckedMetric,
  from: number,
  outputs: Tensor2D,
  tangents: Tensor2D,
): Tensor2D {
  const [rows, m] = tangents.shape;
  switch (kind) {
    case 'gaussian': {
      const [means, logStds] = [tf.slice(tangents, [0, 0], [-1, m / 2]), tf.slice(tangents, [0, m / 2], [-1, m / 2])];
      const precision = tf.exp(tf.mul(-2, tf.slice(outputs, [0, m / 2], [-1, m / 2])));
      return tf.concat([tf.mul(means, precision), tf.mul(2, logStds)], 1) as Tensor2D;
    }
    case 'categorical': {
      let at = 0;
      const factors = sizes.map((size) => {
        const p = tf.softmax(tf.slice(outputs, [0, at], [-1, size]));
        const t = tf.slice(tangents, [0, at], [-1, size]);
        at += size;
        return tf.mul(p, tf.sub(t, tf.sum(tf.mul(p, t), 1, true))) as Tensor;
      });
      return tf.concat(factors, 1) as Tensor2D;
    }
    case 'identity':
      return tangents;
    case 'diagonal': {
      const part = eachRow ? weights!.slice(from * m, (from + rows) * m) : weights!;
      return tf.mul(tangents, tf.tensor2d(part, [eachRow ? rows : 1, m]));
    }
    case 'dense': {
      const matrices = tf.tensor3d(weights!.slice(from * m * m, (from + rows) * m * m), [rows, m, m]);
      return tf.sum(tf.mul(matrices, tf.reshape(tangents, [rows, 1, m])), 2);
    }
  }
}
