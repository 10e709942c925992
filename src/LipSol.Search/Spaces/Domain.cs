using System.Globalization;

namespace LipSol.Search;

/// <summary>The values that a parameter may have. Samplers see each as a number on the domain's own scale (a logarithm, a choice's place in the list); runs see its text.</summary>
public abstract record Domain
{
    /// <summary>Where the scale begins. Of whole numbers and steps: half a step before the first value, so that each has the same room.</summary>
    public abstract double Low { get; }

    /// <summary>Where the scale ends.</summary>
    public abstract double High { get; }

    /// <summary>The distance of neighbouring values on the scale; null where values lie arbitrarily close.</summary>
    public abstract double? Spacing { get; }

    /// <summary>How many values there are; null where they can't be counted.</summary>
    public abstract long? Count { get; }

    /// <summary>A place on the scale as the text of the value that is nearest.</summary>
    public abstract string Format(double place);

    /// <summary>The place of a value, given as <see cref="Format"/> writes it.</summary>
    public abstract double Place(string value);

    /// <summary>The values that a grid goes through; null where the domain has too many and no <c>points</c>.</summary>
    public abstract IReadOnlyList<string>? Grid { get; }

    /// <summary>The place between 0 and 1, for drawing.</summary>
    public double Share(string value) => High > Low ? Math.Clamp((Place(value) - Low) / (High - Low), 0, 1) : 0.5;

    /// <summary>As parameters are written: invariant, six digits that count.</summary>
    protected static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}

/// <summary>Any number between two bounds, both included.</summary>
public sealed record FloatDomain(double From, double To, bool Log = false, double? Step = null, int? Points = null) : Domain
{
    /// <inheritdoc/>
    public override double Low => Log ? Math.Log(From) : From - (Step ?? 0) / 2;

    /// <inheritdoc/>
    public override double High => Log ? Math.Log(To) : Step is { } step ? From + (Steps - 0.5) * step : To;

    /// <inheritdoc/>
    public override double? Spacing => Step;

    /// <inheritdoc/>
    public override long? Count => From == To ? 1 : Step is null ? null : Steps;

    /// <inheritdoc/>
    public override IReadOnlyList<string>? Grid =>
        Count is { } count ? count > SearchSpace.MostTrials ? null : [.. Enumerable.Range(0, (int)count).Select(i => Text(From + i * (Step ?? 0)))]
        : Points is { } points ? [.. Enumerable.Range(0, points).Select(i => Format(Low + (High - Low) * i / (points - 1)))]
        : null;

    private long Steps => 1 + (long)Math.Floor((To - From) / Step!.Value + 1e-9);

    /// <inheritdoc/>
    public override string Format(double place)
    {
        if (Step is { } step) return Text(From + Math.Clamp(Math.Round((place - From) / step), 0, Steps - 1) * step);
        string text = Text(Log ? Math.Exp(place) : place);
        double value = double.Parse(text, CultureInfo.InvariantCulture);
        // Rounded to what is written, it may lie a hair outside.
        return value < From ? From.ToString("R", CultureInfo.InvariantCulture) : value > To ? To.ToString("R", CultureInfo.InvariantCulture) : text;
    }

    /// <inheritdoc/>
    public override double Place(string value) => Log ? Math.Log(double.Parse(value, CultureInfo.InvariantCulture)) : double.Parse(value, CultureInfo.InvariantCulture);
}

/// <summary>A whole number between two bounds, both included.</summary>
public sealed record IntDomain(long From, long To, bool Log = false, long Step = 1) : Domain
{
    /// <inheritdoc/>
    public override double Low => Log ? Math.Log(From - 0.5) : From - Step / 2.0;

    /// <inheritdoc/>
    public override double High => Log ? Math.Log(To + 0.5) : From + (Count!.Value - 0.5) * Step;

    /// <inheritdoc/>
    public override double? Spacing => Log ? null : Step;

    /// <inheritdoc/>
    public override long? Count => 1 + (To - From) / Step;

    /// <inheritdoc/>
    public override IReadOnlyList<string>? Grid => Count > SearchSpace.MostTrials ? null : [.. Enumerable.Range(0, (int)Count!.Value).Select(i => (From + i * Step).ToString(CultureInfo.InvariantCulture))];

    /// <inheritdoc/>
    public override string Format(double place) =>
        (From + Math.Clamp((long)Math.Round(((Log ? Math.Exp(place) : place) - From) / Step), 0, Count!.Value - 1) * Step).ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override double Place(string value) => Log ? Math.Log(long.Parse(value, CultureInfo.InvariantCulture)) : long.Parse(value, CultureInfo.InvariantCulture);
}

/// <summary>One of several values that have no order.</summary>
public sealed record ChoiceDomain(IReadOnlyList<string> Values) : Domain
{
    /// <inheritdoc/>
    public override double Low => -0.5;

    /// <inheritdoc/>
    public override double High => Values.Count - 0.5;

    /// <inheritdoc/>
    public override double? Spacing => 1;

    /// <inheritdoc/>
    public override long? Count => Values.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Grid => Values;

    /// <inheritdoc/>
    public override string Format(double place) => Values[(int)Math.Clamp(Math.Round(place), 0, Values.Count - 1)];

    /// <inheritdoc/>
    public override double Place(string value) => Values.ToList().IndexOf(value);
}
