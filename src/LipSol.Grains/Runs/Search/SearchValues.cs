using System.Globalization;
using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs.Search;

/// <summary>Reads the values of a search as their fields have them.</summary>
internal sealed class SearchValues(string text, DateTimeOffset now)
{
    private static readonly Dictionary<char, TimeSpan> Units = new()
    {
        ['s'] = TimeSpan.FromSeconds(1),
        ['m'] = TimeSpan.FromMinutes(1),
        ['h'] = TimeSpan.FromHours(1),
        ['d'] = TimeSpan.FromDays(1),
        ['w'] = TimeSpan.FromDays(7),
    };

    // What times may be: the rest would overflow, and means nothing.
    private const double LongestSeconds = 1e10;

    /// <exception cref="RunSearchException">The field has no such values, or can't be compared in this way.</exception>
    public SearchValue Of(RunField field, ComparisonOperator comparison, Token token)
    {
        AttributeKind kind = field is AttributeField attribute ? RunAttributes.KindOf(attribute.Attribute) : AttributeKind.Text;
        if (comparison == ComparisonOperator.Like)
            return field is MetricField || kind != AttributeKind.Text ? throw Wrong(token, $"LIKE is for texts, and {Told(field)} is none: compare it by =, <, > or IN.") : SearchValue.OfText(Text(token));
        bool ordered = comparison is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual);
        return field switch
        {
            MetricField => SearchValue.OfNumber(Number(token, "a metric is compared with a number, as 0.3")),
            ParamField or TagField => Param(token, ordered),
            _ => kind switch
            {
                AttributeKind.Number => Whole(token),
                AttributeKind.Time => SearchValue.OfInteger(Time(token)),
                AttributeKind.Duration => SearchValue.OfInteger(Duration(token)),
                AttributeKind.Status => Status(token, ordered),
                _ => ordered ? throw Wrong(token, $"{Told(field)} is a text: compare it by =, !=, LIKE, ILIKE or IN.") : SearchValue.OfText(Text(token)),
            },
        };
    }

    private SearchValue Param(Token token, bool ordered)
    {
        SearchValue value = SearchValue.OfParam(token.Value);
        if (value.Number is null && (ordered || token.Kind == TokenKind.Number)) throw Wrong(token, "only numbers can be smaller or larger: write one, as 0.004, or compare the text in quotes by =, != or LIKE.");
        return value;
    }

    // A number may do without quotes, what only begins like one may not.
    private string Text(Token token) => token.Kind == TokenKind.Text || ParamNumbers.Find(token.Value) is not null ? token.Value : throw Wrong(token, $"a text is written in quotes: '{token.Value}'.");

    private SearchValue Whole(Token token) =>
        long.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? SearchValue.OfInteger(whole)
        : SearchValue.OfNumber(Number(token, "a seed is compared with a number"));

    private double Number(Token token, string expected) => ParamNumbers.Find(token.Value) ?? throw Wrong(token, $"{expected}; {token.Told} is none.");

    private SearchValue Status(Token token, bool ordered)
    {
        if (ordered) throw Wrong(token, "a status can't be smaller or larger: compare it by =, != or IN.");
        return !token.Value.Any(char.IsDigit) && Enum.TryParse(token.Value, ignoreCase: true, out RunStatus status) && Enum.IsDefined(status) ? SearchValue.OfInteger((long)status)
            : throw Wrong(token, $"there is no status {token.Told}: there are {string.Join(", ", Enum.GetNames<RunStatus>().Select(n => n.ToLowerInvariant()))}.");
    }

    /// <summary>ISO 8601 (UTC where it says nothing else), or so long ago: <c>-7d</c>.</summary>
    private long Time(Token token)
    {
        if (token.Value.StartsWith('-') && Length(token.Value[1..]) is { } ago) return now.UtcTicks - Math.Min(ago, now.UtcTicks);
        return DateTimeOffset.TryParseExact(token.Value, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time.UtcTicks
            : throw Wrong(token, $"{token.Told} is no time: write '2026-11-24', '2026-11-24T08:30:00Z' or -7d for seven days ago (s, m, h, d, w).");
    }

    private long Duration(Token token) => Length(token.Value) ?? (ParamNumbers.Find(token.Value) is { } seconds && Math.Abs(seconds) <= LongestSeconds ? Ticks(seconds)
        : throw Wrong(token, $"{token.Told} is no length of time: write seconds, or 90s, 30m, 2h, 1d."));

    private static long? Length(string text) =>
        text.Length > 1 && Units.TryGetValue(char.ToLowerInvariant(text[^1]), out TimeSpan unit) && ParamNumbers.Find(text[..^1]) is { } count and >= 0 && count * unit.TotalSeconds <= LongestSeconds
            ? Ticks(count * unit.TotalSeconds) : null;

    private static long Ticks(double seconds) => (long)Math.Round(seconds * TimeSpan.TicksPerSecond);

    private static string Told(RunField field) => field switch
    {
        MetricField m => $"metric {m.Name}",
        AttributeField a => a.Attribute.ToString().ToLowerInvariant(),
        _ => "it",
    };

    private RunSearchException Wrong(Token token, string problem) => new(problem, text, token.Position);

    private static readonly string[] Formats = [.. from day in new[] { "yyyy-MM-dd" }
                                                   from clock in new[] { "", "'T'HH:mm", "'T'HH:mm:ss", "'T'HH:mm:ss.FFFFFFF", " HH:mm", " HH:mm:ss" }
                                                   from zone in clock.Length == 0 ? [""] : new[] { "", "K", "zzz" }
                                                   select day + clock + zone];
}
