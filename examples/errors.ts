/* What can go wrong, and what an answer says of it. Run: node examples/errors.ts [FOLDER] */
import { connectOctant } from './client.ts';

const octant = await connectOctant(process.argv[2] ?? '.');

/* A mistake of the caller is an error, which says what to do. */
const unknown = await octant.call('send_message', { conversation: 'C-999', text: 'Hello?' });
console.log(unknown.isError, unknown.text);

/* A model that does not answer is none: the message is kept, and the answer says whether to ask again, and when. */
const request = {
  text: 'Hello?',
  model: process.env.OCTANT_EXAMPLE_MODEL ?? 'medium',
  request_id: `hello-${Date.now()}`,
};
let answer = await octant.call('send_message', request);
for (let tries = 1; answer.data.mode === 'offline' && tries < 3; tries++) {
  const { again, after_seconds: after = 0 } = Object(answer.data.failure);
  console.log(answer.data.note);
  if (again === 'no') break;
  await new Promise((resolve) => setTimeout(resolve, Number(after) * 1000));
  answer = await octant.call('send_message', request); // the same request: the message is not written twice
}
console.log(answer.data.status, answer.data.text ?? '');

/* An answer that was cut off is gone on with. */
if (answer.data.status === 'cut') {
  const { conversation, answer: cut } = answer.data;
  console.log((await octant.call('send_message', { conversation, continue_from: cut })).data.text);
}
await octant.close();
