import type { Command } from 'commander';

interface BuildOptions {
  python?: string;
  package?: string;
  json?: boolean;
}

/** `trellis tfjs build`: the node binding of TensorFlow.js, compiled against an installed TensorFlow wheel. */
export function registerTfjs(program: Command): void {
  const tfjs = program.command('tfjs').description('the optional TensorFlow.js engine');
  tfjs
    .command('build')
    .description('compile the node binding of @tensorflow/tfjs-node(-gpu) against an installed TensorFlow wheel')
    .option('--python <command>', 'Python that has TensorFlow', 'python3')
    .option('--package <name>', '@tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu; default: the first installed')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      `
Before:  npm install --ignore-scripts @tensorflow/tfjs-node
         pip install tensorflow-cpu          (or "tensorflow[and-cuda]" with tfjs-node-gpu)
Then:    trellis train swimmer --engine tfjs`,
    )
    .action(async (options: BuildOptions) => {
      const { buildTfjsBinding } = await import('../network/engines/tfjs/build.js');
      const built = buildTfjsBinding({ python: options.python, packageName: options.package });
      if (options.json) console.log(JSON.stringify(built));
      else console.log(`${built.packageName} on TensorFlow ${built.tensorflow.version}: ${built.binding}`);
    });
}
