import { parentPort } from 'node:worker_threads';
import { helpLooking } from '../../projects/look-sweep.ts';

/** The program of a thread that looks at files along with the one that keeps texts. */
parentPort?.on('message', helpLooking);
