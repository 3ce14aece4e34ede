import type { Ticket } from './ticket.ts';
export function describeTicket(ticket: Ticket): string {
  return `# ${ticket.document.title}`;
}
