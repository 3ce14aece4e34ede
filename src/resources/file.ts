import { mimeType } from '../projects/languages.ts';
import type { Resource } from './resource.ts';

/** Of one resource, in bytes. */
export const maxResourceBytes = 2 * 1024 * 1024;

export const file: Resource = {
  kind: 'file',
  name: 'project-file',
  title: 'Project file',
  description: 'One file of a project: text as it is, anything else as base64.',
  uriTemplate: 'octant://projects/{project}/files/{+path}',

  async read(target, root, { workers, job }) {
    const path = target.kind === 'file' ? target.path : '';
    const whole = await workers.run('readWhole', { root, path, maxBytes: maxResourceBytes }, job);
    return whole.kind === 'text'
      ? { mimeType: mimeType(path, true), text: whole.text }
      : { mimeType: mimeType(path, false), blob: whole.base64 };
  },
};
