// The yardstick of bench/environments.ts and bench/vine.ts: MuJoCo stepped from C with the same model, start states,
// controls and substeps as the environment, and the same derived field copied out.
//   step_loop MODEL.xml TABLE.bin SLOTS STEPS START_COUNT SECONDS THREADS CPU_TIME(0|1) ROBOT(0|1) OWN_CONTROLS(0|1)
// TABLE.bin: START_COUNT start states (qpos, qvel), then rows of controls, doubles: 64 * SLOTS for everyone, or
// (OWN_CONTROLS) STEPS for each start state. Repeats windows of STEPS steps from start states for SECONDS of stepping
// time, by the clock or the processor. THREADS 0: mj_step on one mjData a slot; n: mjb_step on n threads. ROBOT: copies
// the constraint forces out, and slots whose height or pitch leaves the robots' bounds rest until the window ends. Prints
// steps a second.
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONTROL_ROWS = 64 };

static int cpuTime = 0;

static double now(void) {
  struct timespec t;
  clock_gettime(cpuTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fell(const double* qpos) { return !(qpos[1] > 0.8 && qpos[1] < 2 && fabs(qpos[2]) < 1); }

int main(int argc, char** argv) {
  if (argc != 11) return 2;
  char error[1000] = "";
  mjModel* m = mj_loadXML(argv[1], NULL, error, sizeof error);
  if (!m) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  const int slots = atoi(argv[3]), steps = atoi(argv[4]), starts = atoi(argv[5]);
  const double seconds = atof(argv[6]);
  const int threads = atoi(argv[7]), robot = atoi(argv[9]), own = atoi(argv[10]);
  cpuTime = atoi(argv[8]);
  const size_t row = (size_t)(m->nq + m->nv), controls = (size_t)m->nu;
  const size_t controlRows = own ? (size_t)starts * (size_t)steps : (size_t)CONTROL_ROWS * (size_t)slots;
  const size_t length = (size_t)starts * row + controlRows * controls;
  double* table = malloc(length * sizeof(double));
  FILE* file = fopen(argv[2], "rb");
  if (!file || fread(table, sizeof(double), length, file) != length) return 1;
  fclose(file);
  const double* control = table + (size_t)starts * row;

  mjData** data = calloc((size_t)slots, sizeof *data);
  double* forces = calloc((size_t)slots * (size_t)m->nv, sizeof *forces);
  int* running = malloc((size_t)slots * sizeof *running);
  int* startOf = malloc((size_t)slots * sizeof *startOf);
  mjBatch* batch = NULL;
  double *states = NULL, *qpos = NULL, *qvel = NULL, *ctrl = NULL;
  size_t stride = 0;
  if (threads > 0) {
    mjBatchConfig config;
    mjb_defaultConfig(&config);
    config.nthread = threads;
    batch = mjb_makeBatch(m, slots, &config, error, sizeof error);
    if (!batch) return 1;
    if (robot) mjb_output(batch, "qfrc_constraint", NULL, NULL);
    states = mjb_state(batch);
    stride = (size_t)mjb_nstate(batch);
    qpos = mjb_stateComponent(batch, mjSTATE_QPOS, NULL);
    qvel = mjb_stateComponent(batch, mjSTATE_QVEL, NULL);
    ctrl = mjb_stateComponent(batch, mjSTATE_CTRL, NULL);
    mjb_reset(batch, NULL, slots, NULL, mjSTAGE_NONE);
  } else {
    for (int i = 0; i < slots; i++) data[i] = mj_makeData(m);
  }

  double elapsed = 0, done = 0;
  int next = 0;
  for (int window = 0; elapsed < seconds || window < 20; window++) {
    // The first windows warm up.
    if (window == 10) elapsed = done = 0;
    for (int i = 0; i < slots; i++) {
      startOf[i] = next++ % starts;
      const double* start = table + (size_t)startOf[i] * row;
      running[i] = i;
      if (batch) {
        mjb_reset(batch, &i, 1, NULL, mjSTAGE_NONE);
        memcpy(qpos + (size_t)i * stride, start, (size_t)m->nq * sizeof(double));
        memcpy(qvel + (size_t)i * stride, start + m->nq, (size_t)m->nv * sizeof(double));
      } else {
        mj_resetData(m, data[i]);
        memcpy(data[i]->qpos, start, (size_t)m->nq * sizeof(double));
        memcpy(data[i]->qvel, start + m->nq, (size_t)m->nv * sizeof(double));
      }
    }
    int count = slots;
    const double begin = now();
    for (int t = 0; t < steps && count > 0; t++) {
      int left = 0;
      if (batch) {
        for (int k = 0; k < count; k++) {
          const int i = running[k];
          const size_t at =
              own ? (size_t)startOf[i] * (size_t)steps + (size_t)t : (size_t)(t % CONTROL_ROWS * slots + i);
          memcpy(ctrl + (size_t)i * stride, control + at * controls, controls * sizeof(double));
        }
        mjb_step(batch, count == slots ? NULL : running, count, 1, mjSTAGE_NONE);
      }
      for (int k = 0; k < count; k++) {
        const int i = running[k];
        const double* q;
        if (batch) {
          q = qpos + (size_t)i * stride;
        } else {
          const size_t at =
              own ? (size_t)startOf[i] * (size_t)steps + (size_t)t : (size_t)(t % CONTROL_ROWS * slots + i);
          memcpy(data[i]->ctrl, control + at * controls, controls * sizeof(double));
          mj_step(m, data[i]);
          if (robot)
            memcpy(forces + (size_t)i * (size_t)m->nv, data[i]->qfrc_constraint, (size_t)m->nv * sizeof(double));
          q = data[i]->qpos;
        }
        if (!robot || !fell(q)) running[left++] = i;
      }
      done += count;
      count = left;
    }
    elapsed += now() - begin;
  }
  printf("%.1f\n", done / elapsed);
  (void)states;
  return 0;
}
