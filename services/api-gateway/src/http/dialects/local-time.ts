import { Injectable } from '@nestjs/common';

/**
 * Times as the documents write them: the wall clock of one place, without naming it. What is given
 * in is an instant of a service, what comes out is text.
 */
@Injectable()
export class LocalTime {
  private readonly format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** `2024-07-01` */
  date(instant: string | Date): string {
    const { year, month, day } = this.partsOf(instant);
    return `${year}-${month}-${day}`;
  }

  /** `2024-10-10T10:00:00` */
  dateTime(instant: string | Date): string {
    return `${this.date(instant)}T${this.time(instant)}`;
  }

  /** `2024-12-29 12:30:00` */
  dateAndTime(instant: string | Date): string {
    return `${this.date(instant)} ${this.time(instant)}`;
  }

  private time(instant: string | Date): string {
    const { hour, minute, second } = this.partsOf(instant);
    return `${hour}:${minute}:${second}`;
  }

  private partsOf(instant: string | Date): Record<string, string> {
    const parts = this.format.formatToParts(new Date(instant));
    return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  }
}
