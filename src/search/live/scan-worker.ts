import { workerData } from 'node:worker_threads';
import { helpScanning } from '../engine/scan-crew.ts';

/** The program of a thread that scans along, and sleeps while nothing is scanned. */
helpScanning(workerData);
