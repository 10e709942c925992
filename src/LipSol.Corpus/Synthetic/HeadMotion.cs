using LipSol.Clips;

namespace LipSol.Corpus.Synthetic;

/// <summary>Everything that moves beside the mouth: the head, the light, the eyelids. Nothing of it depends on the word.</summary>
internal sealed class HeadMotion
{
    private readonly (double X, double Y, double Zoom, double Roll, double Yaw, double Pitch, double Light) _pose;
    private readonly Drift[] _drifts;
    private readonly double[] _blinks;
    private readonly SyntheticSpeaker _speaker;
    private readonly double _lightSide;
    private readonly double _noise;

    public HeadMotion(SyntheticSpeaker speaker, double seconds, SeededRandom random)
    {
        _speaker = speaker;
        _pose = (0.5 + random.Bell(0.015), 0.5 + random.Bell(0.012), 1 + random.Bell(0.025), random.Bell(1.6), random.Bell(0.12), random.Bell(0.10),
            speaker.Light * (1 + random.Bell(0.04)));
        _lightSide = Math.Clamp(speaker.LightSide + random.Bell(0.08), -1, 1);
        _noise = speaker.Noise * (1 + random.Bell(0.1));
        _drifts = [.. Enumerable.Range(0, 7).Select(_ => new Drift(random))];
        // People blink every three to four seconds; less than a third of these clips has a blink.
        var blinks = new List<double>();
        for (var at = random.Between(0.0, 4.0); at < seconds; at += random.Between(2.5, 4.5)) blinks.Add(at);
        _blinks = [.. blinks];
    }

    public SyntheticFaceFrame At(double time)
    {
        double Move(int which, double size) => _drifts[which].At(time) * size * _speaker.Restlessness;
        return new SyntheticFaceFrame
        {
            Centre = (Tidy(_pose.X + Move(0, 0.012)), Tidy(_pose.Y + Move(1, 0.009))),
            Zoom = Tidy(_pose.Zoom + Move(2, 0.012)),
            Roll = Tidy(_pose.Roll + Move(3, 1.8)),
            Yaw = Tidy(Math.Clamp(_pose.Yaw + Move(4, 0.14), -0.7, 0.7)),
            Pitch = Tidy(Math.Clamp(_pose.Pitch + Move(5, 0.12), -0.7, 0.7)),
            Light = Tidy(Math.Clamp(_pose.Light * (1 + Move(6, 0.015)), 0.7, 1.25)),
            LightSide = Tidy(_lightSide),
            Noise = Tidy(_noise),
            EyesOpen = Tidy(_blinks.Select(b => Math.Clamp(Math.Abs(time - b) / 0.06 - 0.4, 0, 1)).Append(1).Min()),
        };
    }

    /// <summary>Rounded, so that a last bit of some libm can't change a file.</summary>
    public static double Tidy(double value) => Math.Round(value, 4);

    /// <summary>Smooth noise of about ±1: three sines with frequencies and phases of their own.</summary>
    private sealed class Drift
    {
        private readonly (double Frequency, double Phase)[] _waves;

        public Drift(SeededRandom random) =>
            _waves = [.. new[] { 0.25, 0.6, 1.1 }.Select(f => (f * random.Between(0.8, 1.25), random.Between(0, 2 * Math.PI)))];

        public double At(double time) => _waves.Select((w, i) => Math.Sin(2 * Math.PI * w.Frequency * time + w.Phase) * (i == 0 ? 0.6 : i == 1 ? 0.3 : 0.15)).Sum();
    }
}
