namespace LipSol.Grains.Runs.Search;

/// <summary>
/// What a run must be to be found: a tree of comparisons. Every condition is either true or false of a run: a comparison with something that a run
/// hasn't (or with NaN) is false, <c>!=</c> and <c>NOT LIKE</c> included; <see cref="Not"/> turns whatever is inside around.
/// </summary>
public abstract record RunCondition;

/// <summary>All of them. Of none: true.</summary>
public sealed record AllOf(IReadOnlyList<RunCondition> Conditions) : RunCondition;

/// <summary>At least one of them.</summary>
public sealed record AnyOf(IReadOnlyList<RunCondition> Conditions) : RunCondition;

/// <summary>Not this one.</summary>
public sealed record Not(RunCondition Condition) : RunCondition;

/// <summary>A field beside a value.</summary>
public sealed record Comparison(RunField Field, ComparisonOperator Operator, SearchValue Value) : RunCondition;

/// <summary>A field that has one of several values; <paramref name="Negated"/>: that has a value, and it is none of them.</summary>
public sealed record Membership(RunField Field, IReadOnlyList<SearchValue> Values, bool Negated) : RunCondition;

/// <summary>Whether the run has this field at all. A metric that is NaN is there.</summary>
public sealed record FieldPresence(RunField Field, bool Present) : RunCondition;

/// <summary>How a field is compared.</summary>
public enum ComparisonOperator
{
    /// <summary><c>=</c></summary>
    Equal,
    /// <summary><c>!=</c></summary>
    NotEqual,
    /// <summary><c>&lt;</c></summary>
    Less,
    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,
    /// <summary><c>&gt;</c></summary>
    Greater,
    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,
    /// <summary><c>LIKE</c>: <c>%</c> is any text, <c>_</c> one character.</summary>
    Like,
    /// <summary><c>NOT LIKE</c></summary>
    NotLike,
    /// <summary><c>ILIKE</c>: as LIKE, without regard to the case of A to Z.</summary>
    ILike,
    /// <summary><c>NOT ILIKE</c></summary>
    NotILike,
}

/// <summary>
/// A value as its field has it. Texts: <paramref name="Text"/>, and <paramref name="Number"/> where a parameter or tag could be compared as a number.
/// Metrics: <paramref name="Number"/>. Seeds: <paramref name="Integer"/>, or <paramref name="Number"/> where it isn't whole. Times, lengths of time (ticks) and states: <paramref name="Integer"/>.
/// </summary>
public readonly record struct SearchValue(string? Text, double? Number, long? Integer)
{
    /// <summary>A text and nothing else.</summary>
    public static SearchValue OfText(string text) => new(text, null, null);

    /// <summary>A parameter's or tag's value: text, and the number that it is, if it is one.</summary>
    public static SearchValue OfParam(string text) => new(text, ParamNumbers.Find(text), null);

    /// <summary>A number.</summary>
    public static SearchValue OfNumber(double number) => new(null, number, null);

    /// <summary>A whole number.</summary>
    public static SearchValue OfInteger(long integer) => new(null, null, integer);
}
