// Figures as lengths; the figure itself always stands beside them.

/** 0..100. */
export function Bar(props: { value: number; kind?: string }) {
  return (
    <svg class={`bar ${props.kind ?? ""}`} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="4" rx="1" />
      <rect class="fill" width={within(props.value)} height="4" rx="1" />
    </svg>
  );
}

/** A scale of 0 to 100 with a mark, and what else there is: an interval around it, a bound. */
export function Scale(props: { value: number; lower?: number | undefined; upper?: number | undefined; bound?: number | undefined }) {
  const { value, lower, upper, bound } = props;
  return (
    <svg class="scale" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" y="4" width="100" height="2" />
      {lower != null && upper != null && <rect class="interval" x={lower} y="2.5" width={Math.max(upper - lower, 0.5)} height="5" rx="1" />}
      {bound != null && <rect class="bound" x={Math.min(99.7, within(bound))} y="1" width="0.3" height="8" />}
      <rect class="needle" x={Math.min(99, Math.max(0, value - 0.5))} width="1" height="10" />
    </svg>
  );
}

const within = (value: number) => Math.max(0, Math.min(100, value));
