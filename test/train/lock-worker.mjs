// Takes a lock and keeps it until it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { takeLock } = await import(workerData.module);
globalThis.lock = takeLock(workerData.path);
parentPort.postMessage('taken');
setInterval(() => {}, 1000);
