// A histogram as small as a word: plain SVG, so that a hundred of them cost nothing.
interface Props {
  counts: number[];
  label: string;
  /** Frequencies of names rather than of ranges. */
  names?: boolean;
}

const WIDTH = 96;
const HEIGHT = 24;

export function Spark({ counts, label, names }: Props) {
  const most = Math.max(...counts, 1);
  const step = WIDTH / Math.max(1, counts.length);
  const gap = names ? 1 : step > 4 ? 0.6 : 0;
  return (
    <svg className="spark" width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      {counts.map((count, at) => {
        // Something is never drawn as nothing.
        const height = count > 0 ? Math.max(1, (count / most) * HEIGHT) : 0;
        return <rect key={at} className={names ? "spark-top" : undefined} x={at * step} y={HEIGHT - height} width={Math.max(0.5, step - gap)} height={height} />;
      })}
    </svg>
  );
}
