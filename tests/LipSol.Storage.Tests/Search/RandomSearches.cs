using System.Globalization;
using LipSol.Contracts.Runs;

namespace LipSol.Storage.Tests.Search;

/// <summary>A search as text, and, told apart from it, what it means: a second implementation in plain C#.</summary>
internal sealed record RandomSearch(string Text, Func<RunRecord, bool> Holds);

/// <summary>Runs whose parameters, tags and metrics are often missing, NaN, or numbers in several spellings; and searches over them.</summary>
internal sealed class RandomSearches(int seed)
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Names = ["loss", "val_wer", "زبان", "a.b", "it's"];
    private static readonly string[] Texts = ["1", "1.0", "1e0", "0.004", "4e-3", "-2", "abc", "ABC", "aXc", "a%c", "a*c", "a?c", "[a", "لب", "it's", "say \"no\"", "", "NaN", "Infinity", " 1"];
    private static readonly double[] Numbers = [0, 1, -2, 0.004, 0.5, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
    private readonly Random _random = new(seed);

    public RunRecord Run(int number) => new()
    {
        Id = $"run{number:000}",
        Spec = new RunSpec
        {
            Experiment = Pick("rates", "sizes", "لب"),
            Name = Pick(Texts),
            Network = Pick("word-tcn", "char-tcn"),
            Corpus = Pick("grid", "urdu"),
            DataHash = Pick("aa", "bb"),
            Seed = _random.Next(-2, 4),
            Parameters = Some(() => Pick(Texts)),
            Tags = Some(() => Pick(Texts)),
        },
        Tags = Some(() => Pick(Texts)),
        Status = Pick(Enum.GetValues<RunStatus>()),
        Node = Pick("lab1", "lab2", null),
        CreatedAt = Now.AddHours(-_random.Next(0, 400)),
        StartedAt = Pick<DateTimeOffset?>(null, Now.AddMinutes(-_random.Next(0, 500))),
        EndedAt = Pick<DateTimeOffset?>(null, Now.AddMinutes(_random.Next(0, 500))),
        Metrics = Some(() => new MetricSummary(Pick(Numbers), _random.Next(10), Pick(Numbers), Pick(Numbers))),
    };

    public RandomSearch Search(int depth = 4) => (depth == 0 ? 9 : _random.Next(10)) switch
    {
        0 or 1 => Joined("AND", depth),
        2 or 3 => Joined("OR", depth),
        4 => Not(Search(depth - 1)),
        _ => Atom(),
    };

    private RandomSearch Joined(string word, int depth)
    {
        RandomSearch[] parts = [.. Enumerable.Range(0, _random.Next(2, 4)).Select(_ => Search(depth - 1))];
        bool all = word == "AND";
        // Only where the words' own precedence would read it otherwise.
        IEnumerable<string> texts = parts.Select(p => NeedsBrackets(p.Text, all) || _random.Next(4) == 0 ? $"({p.Text})" : p.Text);
        return new(string.Join($" {(_random.Next(2) == 0 ? word : word.ToLowerInvariant())} ", texts), run => all ? parts.All(p => p.Holds(run)) : parts.Any(p => p.Holds(run)));
    }

    // Within AND everything that has an OR outside of brackets; in this generator, everything with one at all.
    private static bool NeedsBrackets(string text, bool withinAnd) => withinAnd && text.Contains(" or ", StringComparison.OrdinalIgnoreCase);

    private static RandomSearch Not(RandomSearch inner) =>
        new(inner.Text.Contains(" or ", StringComparison.OrdinalIgnoreCase) || inner.Text.Contains(" and ", StringComparison.OrdinalIgnoreCase) ? $"NOT ({inner.Text})" : $"NOT {inner.Text}", run => !inner.Holds(run));

    private RandomSearch Atom() => _random.Next(8) switch
    {
        0 or 1 => Metric(),
        2 => TextAttribute(),
        3 => Time(),
        4 => Other(),
        5 => OfTexts("tags", run => run.Spec.Tags.Concat(run.Tags).GroupBy(t => t.Key).ToDictionary(g => g.Key, g => g.Last().Value)),
        _ => OfTexts("params", run => run.Spec.Parameters),
    };

    private RandomSearch Metric()
    {
        string name = Pick(Names);
        (string part, Func<MetricSummary, double> value) = _random.Next(4) switch
        {
            0 => (".min", m => m.Minimum),
            1 => (".max", m => m.Maximum),
            2 => (".last", m => m.Last),
            _ => ("", (Func<MetricSummary, double>)(m => m.Last)),
        };
        string field = $"metrics.{Quoted(name)}{part}";
        if (_random.Next(6) == 0) return Presence(field, run => run.Metrics.ContainsKey(name));
        double wanted = Pick(0, 1, -2, 0.004, 0.5);
        if (_random.Next(4) == 0)
            return Among(field, [wanted, 7], v => v.ToString("R", CultureInfo.InvariantCulture), run => run.Metrics.TryGetValue(name, out MetricSummary m) && !double.IsNaN(value(m)) ? value(m) : null);
        (string symbol, Func<double, double, bool> compares) = Comparison();
        return new($"{field} {symbol} {wanted.ToString("R", CultureInfo.InvariantCulture)}", run => run.Metrics.TryGetValue(name, out MetricSummary m) && !double.IsNaN(value(m)) && compares(value(m), wanted));
    }

    private RandomSearch TextAttribute()
    {
        (string name, Func<RunRecord, string?> value) = _random.Next(4) switch
        {
            0 => ("name", run => run.Spec.Name),
            1 => ("attributes.node", run => run.Node),
            2 => ("model", run => run.Spec.Network),
            _ => ("Experiment", (Func<RunRecord, string?>)(run => run.Spec.Experiment)),
        };
        if (_random.Next(6) == 0) return Presence(name, run => value(run) is not null);
        string wanted = Pick([.. Texts, "lab1", "word-tcn", "rates", "لب"]);
        return _random.Next(3) switch
        {
            0 => Like(name, value),
            1 => Among(name, [wanted, "abc"], Literal, value),
            _ when _random.Next(2) == 0 => new($"{name} = {Literal(wanted)}", run => value(run) == wanted),
            _ => new($"{name} != {Literal(wanted)}", run => value(run) is { } v && v != wanted),
        };
    }

    private RandomSearch Time()
    {
        (string name, Func<RunRecord, DateTimeOffset?> value) = _random.Next(3) switch
        {
            0 => ("created", run => run.CreatedAt),
            1 => ("started", run => run.StartedAt),
            _ => ("attr.ended", (Func<RunRecord, DateTimeOffset?>)(run => run.EndedAt)),
        };
        int hours = _random.Next(0, 300);
        (string literal, DateTimeOffset time) = _random.Next(3) switch
        {
            0 => ($"-{hours}h", Now.AddHours(-hours)),
            1 => ($"'{Now.AddHours(-hours):yyyy-MM-dd}'", new DateTimeOffset(Now.AddHours(-hours).UtcDateTime.Date, TimeSpan.Zero)),
            _ => ($"\"{Now.AddHours(-hours):yyyy-MM-dd'T'HH:mm:ss'Z'}\"", Now.AddHours(-hours)),
        };
        (string symbol, Func<double, double, bool> compares) = Comparison();
        return new($"{name} {symbol} {literal}", run => value(run) is { } v && compares(v.UtcTicks, time.UtcTicks));
    }

    private RandomSearch Other()
    {
        (string symbol, Func<double, double, bool> compares) = Comparison();
        switch (_random.Next(3))
        {
            case 0:
                int seed = _random.Next(-2, 4);
                return new($"seed {symbol} {seed}", run => compares(run.Spec.Seed, seed));
            case 1:
                int minutes = _random.Next(0, 600);
                return new($"duration {symbol} {minutes}m", run => run is { StartedAt: { } start, EndedAt: { } end } && compares((end - start).TotalMinutes, minutes));
            default:
                RunStatus[] wanted = [Pick(Enum.GetValues<RunStatus>()), Pick(Enum.GetValues<RunStatus>())];
                return Among("status", wanted, s => $"'{s.ToString().ToLowerInvariant()}'", run => (RunStatus?)run.Status);
        }
    }

    private RandomSearch OfTexts(string kind, Func<RunRecord, IReadOnlyDictionary<string, string>> all)
    {
        string name = Pick(Names), field = $"{kind}.{Quoted(name)}";
        string? Value(RunRecord run) => all(run).GetValueOrDefault(name);
        string wanted = Pick(Texts);
        switch (_random.Next(6))
        {
            case 0: return Presence(field, run => Value(run) is not null);
            case 1: return Like(field, Value);
            case 2:
                string other = Pick(Texts);
                return _random.Next(2) == 0 ? new($"{field} IN ({Literal(wanted)}, {Literal(other)})", run => Value(run) is { } v && (Same(v, wanted) || Same(v, other)))
                    : new($"{field} NOT IN ({Literal(wanted)}, {Literal(other)})", run => Value(run) is { } v && !Same(v, wanted) && !Same(v, other));
            case 3:
                double number = Pick(0, 1, -2, 0.004);
                (string symbol, Func<double, double, bool> compares) = Comparison();
                return new($"{field} {symbol} {number.ToString("R", CultureInfo.InvariantCulture)}", symbol == "!="
                    ? run => Value(run) is { } v && AsNumber(v) != number
                    : run => Value(run) is { } v && AsNumber(v) is { } n && compares(n, number));
            case 4: return new($"{field} != {Literal(wanted)}", run => Value(run) is { } v && !Same(v, wanted));
            default: return new($"{field} = {Literal(wanted)}", run => Value(run) is { } v && Same(v, wanted));
        }
    }

    private RandomSearch Like(string field, Func<RunRecord, string?> value)
    {
        string pattern = Pick("a%", "%c", "a_c", "%", "_", "", "a%c", "[a%", "%'s", "لب", "%B%", "a*c", "a?c");
        bool ignoreCase = _random.Next(2) == 0, negated = _random.Next(2) == 0;
        return new($"{field} {(negated ? "NOT " : "")}{(ignoreCase ? "ILIKE" : "LIKE")} {Literal(pattern)}",
            run => value(run) is { } v && Matches(v, pattern, ignoreCase) != negated);
    }

    // Every way to read the pattern, one character after the other.
    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern, bool ignoreCase)
    {
        if (pattern.IsEmpty) return text.IsEmpty;
        if (pattern[0] == '%') return Matches(text, pattern[1..], ignoreCase) || !text.IsEmpty && Matches(text[1..], pattern, ignoreCase);
        return !text.IsEmpty && (pattern[0] == '_' || pattern[0] == text[0] || ignoreCase && char.ToLowerInvariant(pattern[0]) == char.ToLowerInvariant(text[0])) && Matches(text[1..], pattern[1..], ignoreCase);
    }

    private RandomSearch Presence(string field, Func<RunRecord, bool> there) =>
        _random.Next(2) == 0 ? new($"{field} IS NULL", run => !there(run)) : new($"{field} is not null", there);

    private RandomSearch Among<T>(string field, T[] wanted, Func<T, string> literal, Func<RunRecord, object?> value)
    {
        string list = $"({string.Join(", ", wanted.Select(literal))})";
        return _random.Next(2) == 0 ? new($"{field} IN {list}", run => value(run) is T v && wanted.Contains(v)) : new($"{field} NOT IN {list}", run => value(run) is T v && !wanted.Contains(v));
    }

    private (string, Func<double, double, bool>) Comparison() => _random.Next(6) switch
    {
        0 => ("=", (a, b) => a == b),
        1 => ("!=", (a, b) => a != b),
        2 => ("<", (a, b) => a < b),
        3 => ("<=", (a, b) => a <= b),
        4 => (">", (a, b) => a > b),
        _ => (">=", (a, b) => a >= b),
    };

    private static bool Same(string a, string b) => AsNumber(a) is { } x && AsNumber(b) is { } y ? x == y : a == b;

    /// <summary>The number that a parameter is, and where it is ordered.</summary>
    public static double? AsNumber(string text) => text is "1" or "1.0" or "1e0" ? 1 : text is "0.004" or "4e-3" ? 0.004 : text == "-2" ? -2 : null;

    private string Literal(string text) => text.Contains('\'') || _random.Next(2) == 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : $"'{text}'";

    private static string Quoted(string name) => name.All(c => char.IsLetter(c) || c == '_') ? name : $"`{name}`";

    private Dictionary<string, T> Some<T>(Func<T> value) => Names.Where(_ => _random.Next(3) > 0).ToDictionary(n => n, _ => value());

    private T Pick<T>(params T[] from) => from[_random.Next(from.Length)];
}
