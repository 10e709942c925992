namespace LipSol.Pipelines;

/// <summary>What a step can do: its settings, what it leaves, and what it needs of others.</summary>
public abstract class StepKind
{
    /// <summary>As the file names it.</summary>
    public abstract string Name { get; }

    /// <summary>The settings it knows.</summary>
    public abstract IReadOnlyList<SettingRule> Settings { get; }

    /// <summary>What it leaves for others, by name (<see cref="Outputs"/>).</summary>
    public virtual IReadOnlyList<string> Leaves => [];

    /// <summary>Whether what it left earlier may be taken again. A step whose answer depends on what is in production is done each time.</summary>
    public virtual bool MayBeCached => true;

    /// <summary>Once it has begun it's never given up half-way: nothing may be left between two states.</summary>
    public virtual bool Uninterruptible => false;

    /// <summary>What is wrong with a step beyond its single settings; null where nothing is.</summary>
    internal virtual string? Check(StepDefinition step) => null;
}

/// <summary>What steps leave for others.</summary>
public static class Outputs
{
    /// <summary>A corpus' name.</summary>
    public const string Corpus = "corpus";
    /// <summary>The corpus' version.</summary>
    public const string Data = "data";
    /// <summary>A completed run.</summary>
    public const string Run = "run";
    /// <summary>The number of a registered version.</summary>
    public const string Version = "version";
    /// <summary>The model it belongs to.</summary>
    public const string Model = "model";
    /// <summary>Whether a gate passes it: <c>passed</c> or <c>refused</c>.</summary>
    public const string Verdict = "verdict";
    /// <summary>What came out, in a sentence.</summary>
    public const string Note = "note";
}

/// <summary>How a setting is read.</summary>
public enum SettingType
{
    /// <summary>Any text.</summary>
    Text,
    /// <summary>A name that becomes part of keys and files.</summary>
    Name,
    /// <summary>A whole number.</summary>
    Whole,
    /// <summary>A number.</summary>
    Number,
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,
    /// <summary>One of some words.</summary>
    Word,
    /// <summary>Another step.</summary>
    Step,
    /// <summary>Several other steps.</summary>
    Steps,
    /// <summary>Names with values.</summary>
    Table,
}

/// <summary>What is known of a setting.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">How it's read.</param>
/// <param name="What">What it is, for people.</param>
public sealed record SettingRule(string Name, SettingType Type, string What)
{
    /// <summary>A step can't be without it.</summary>
    public bool Required { get; init; }
    /// <summary>Of a <see cref="SettingType.Word"/>: which.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
    /// <summary>Of another step: what that has to leave.</summary>
    public string Needs { get; init; } = "";
    /// <summary>Of a number: the least.</summary>
    public double Least { get; init; } = double.NegativeInfinity;
    /// <summary>Of a number: the most.</summary>
    public double Most { get; init; } = double.PositiveInfinity;
    /// <summary>It decides nothing of what comes out, so what was left with another value is still taken.</summary>
    public bool DecidesNothing { get; init; }
}
