import { z } from 'zod';

// What long calls have in common.

export const threadsSchema = z.int().min(1).max(1024).optional();
export const signalSchema = z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional();
