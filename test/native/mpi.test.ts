import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCommunicator } from '../../src/cluster/mpi.js';
import { launchedByMpi, loadMpi, mpiCandidates } from '../../src/native/mpi.js';

test('a launcher shows by its variables; without one nothing is looked for', async () => {
  assert.equal(launchedByMpi({}), false);
  assert.equal(launchedByMpi({ PMI_RANK: '' }), false);
  for (const name of ['PMI_RANK', 'PMIX_RANK', 'OMPI_COMM_WORLD_SIZE']) assert.ok(launchedByMpi({ [name]: '0' }));
  if (!launchedByMpi()) assert.equal((await openCommunicator()).size, 1);
});

test('the library named is the only candidate; else those of the launcher in use', () => {
  assert.deepEqual(mpiCandidates({ TRELLIS_MPI_LIBRARY: '/x/libmpi.so' }), ['/x/libmpi.so']);
  const openMpi = mpiCandidates({ OMPI_COMM_WORLD_SIZE: '2' });
  assert.ok(openMpi.includes('libmpi.so.40') && !openMpi.includes('libmpi.so.12'));
  const hydra = mpiCandidates({ PMI_RANK: '0' });
  assert.ok(hydra.includes('libmpi.so.12') && !hydra.includes('libmpi.so.40'));
  assert.ok(hydra.indexOf('libmpi_abi.so.1') < hydra.indexOf('libmpi.so.12'));
});

test('a library that is not there is a typed error that says what to do', {
  skip: process.platform !== 'linux' && 'needs Linux',
}, () => {
  const load = () => loadMpi({ TRELLIS_MPI_LIBRARY: '/nowhere/libmpi.so' });
  assert.throws(load, { code: 'ERR_PLATFORM', message: /\/nowhere\/libmpi\.so.*TRELLIS_MPI_LIBRARY/s });
});
