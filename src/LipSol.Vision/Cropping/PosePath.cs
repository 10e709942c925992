using LipSol.Clips;

namespace LipSol.Vision;

/// <summary>Where a face was in every frame of the clip: gaps filled, smoothed over time.</summary>
internal sealed class PosePath
{
    /// <summary>The longest gap that is bridged by interpolation, in seconds.</summary>
    public const double LongestGap = 0.4;

    private readonly FacePose[] _poses;
    private readonly FrameQuality[] _quality;

    private PosePath(FacePose[] poses, FrameQuality[] quality) => (_poses, _quality) = (poses, quality);

    /// <summary>The smoothed pose of a frame; meaningless where its source is missing.</summary>
    public FacePose this[int frame] => _poses[frame];

    /// <summary>How each frame's pose was obtained.</summary>
    public IReadOnlyList<FrameQuality> Quality => _quality;

    /// <summary>Builds the path of a track.</summary>
    /// <param name="samples">The frames in which the face was found.</param>
    /// <param name="times">The time of every frame of the clip.</param>
    /// <param name="sigma">The Gaussian's half-width in seconds; 0 for no smoothing.</param>
    public static PosePath Build(IReadOnlyList<FaceSample> samples, IReadOnlyList<double> times, double sigma)
    {
        var poses = new FacePose[times.Count];
        var quality = new FrameQuality[times.Count];
        for (var s = 0; s < samples.Count; s++)
        {
            var here = samples[s].Observation.Frame;
            poses[here] = samples[s].Pose;
            quality[here] = new(FrameSource.Tracked, samples[s].Observation.Confidence);
            if (s + 1 == samples.Count) break;
            var next = samples[s + 1].Observation.Frame;
            if (times[next] - times[here] > LongestGap + 1e-9) continue;
            for (var i = here + 1; i < next; i++)
            {
                poses[i] = FacePose.Between(samples[s].Pose, samples[s + 1].Pose, (times[i] - times[here]) / (times[next] - times[here]));
                quality[i] = new(FrameSource.Interpolated, 0);
            }
        }

        return new(sigma > 0 ? Smooth(poses, quality, times, sigma) : poses, quality);
    }

    /// <summary>A local line under Gaussian weights (Cleveland 1979): a plain average would lag behind a moving head at the ends of the clip.</summary>
    private static FacePose[] Smooth(FacePose[] poses, FrameQuality[] quality, IReadOnlyList<double> times, double sigma)
    {
        var smooth = new FacePose[poses.Length];
        for (var i = 0; i < poses.Length; i++)
        {
            if (quality[i].Source == FrameSource.Missing) continue;
            double w0 = 0, w1 = 0, w2 = 0;
            FacePose sum = default, moment = default;
            for (var direction = -1; direction <= 1; direction += 2)
                for (var j = direction < 0 ? i : i + 1; j >= 0 && j < poses.Length && quality[j].Source != FrameSource.Missing; j += direction)
                {
                    var dt = times[j] - times[i];
                    if (Math.Abs(dt) > 3 * sigma) break;
                    var weight = Math.Exp(-0.5 * dt * dt / (sigma * sigma));
                    w0 += weight;
                    w1 += weight * dt;
                    w2 += weight * dt * dt;
                    sum = Add(sum, poses[j], weight);
                    moment = Add(moment, poses[j], weight * dt);
                }

            var determinant = w0 * w2 - w1 * w1;
            smooth[i] = determinant < 1e-9 * w0 * sigma * sigma
                ? Add(default, sum, 1 / w0)
                : Add(Add(default, sum, w2 / determinant), moment, -w1 / determinant);
        }

        return smooth;
    }

    private static FacePose Add(FacePose a, FacePose b, double weight) =>
        new(a.Re + weight * b.Re, a.Im + weight * b.Im, a.X + weight * b.X, a.Y + weight * b.Y);
}
