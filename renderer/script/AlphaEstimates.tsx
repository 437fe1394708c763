import type { PackSummary } from '../../contract/pack';
import { laneData } from '../deck/lane-data';
import { LANE_NAMES } from '../deck/lane-name';
import { useLanes } from '../deck/lanes';
import { useLaneTick } from '../deck/use-lane-tick';
import { alphaAt, alphaEstimate } from './alpha-estimate';
import styles from './script.module.css';

/** Of the drawing, whose width is stretched to the slider's. */
const WIDTH = 100;
const HEIGHT = 28;

/** What acceptance rate the takes in the lanes could be expected to have at each θ. */
export function AlphaEstimates({ theta, pack }: { theta: number; pack: PackSummary }) {
  useLaneTick(2);
  const lanes = useLanes((state) => state.lanes);
  const known = LANE_NAMES.flatMap((lane) => {
    // Groups are those of the loaded pack.
    if (lanes[lane].take?.pack.sha256 !== pack.sha256) return [];
    const estimate = alphaEstimate(laneData(lane)?.cells.allRounds ?? [], pack.thetaFloor);
    return estimate ? [{ lane, estimate }] : [];
  });
  if (known.length === 0) return null;
  const x = (at: number) => (WIDTH * (at - pack.thetaFloor)) / (1 - pack.thetaFloor);
  const y = (alpha: number) => HEIGHT * (1 - alpha);
  return (
    <figure className={styles.estimates} data-alpha-estimates>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <line x1={x(theta)} x2={x(theta)} y1={0} y2={HEIGHT} />
        {known.map(({ lane, estimate: { thetas, alphas } }) => (
          <polyline
            key={lane}
            data-lane={lane}
            points={thetas.map((at, i) => `${x(at)},${y(alphas[i])}`).join(' ')}
          />
        ))}
      </svg>
      <figcaption title="Estimated from the distributions of the takes in the lanes, without generating anything: another θ would lead to other tokens, and so to other contexts.">
        α here, estimated:{' '}
        {known.map(({ lane, estimate }) => (
          <b key={lane} data-lane={lane}>
            {lane} {alphaAt(estimate, theta).toFixed(2)}{' '}
          </b>
        ))}
      </figcaption>
    </figure>
  );
}
