namespace LipSol.Grains.Runs.Search;

/// <summary>
/// Reads searches, in the language of MLflow's: <c>metrics.val_wer.min &lt; 0.3 AND (params.learning_rate = "0.004" OR NOT tags.who IN ('a', 'b')) AND created &gt; -7d</c>.
/// AND binds closer than OR, NOT closer than both. Never recurses deeper than <see cref="Deepest"/>.
/// </summary>
public sealed class RunSearchParser
{
    /// <summary>How deep parentheses and NOTs may be nested.</summary>
    public const int Deepest = 40;

    /// <summary>How many comparisons a search may have.</summary>
    public const int MostConditions = 100;

    /// <summary>How many values a list may have.</summary>
    public const int MostValues = 500;

    /// <summary>How many keys an order may have.</summary>
    public const int MostKeys = 5;

    private static readonly (string Symbol, ComparisonOperator Operator)[] Operators =
    [
        ("=", ComparisonOperator.Equal), ("!=", ComparisonOperator.NotEqual), ("<", ComparisonOperator.Less), ("<=", ComparisonOperator.LessOrEqual),
        (">", ComparisonOperator.Greater), (">=", ComparisonOperator.GreaterOrEqual),
    ];

    private readonly string _text;
    private readonly List<Token> _tokens;
    private readonly SearchValues _values;
    private int _at;
    private int _conditions;

    private RunSearchParser(string text, DateTimeOffset now)
    {
        _text = text;
        _tokens = SearchTokens.Read(text);
        _values = new SearchValues(text, now);
    }

    private Token Here => _tokens[_at];

    /// <summary>The condition that a text writes down. Nothing but white space: every run.</summary>
    /// <param name="text">The search.</param>
    /// <param name="now">What times like <c>-7d</c> are counted from.</param>
    /// <exception cref="RunSearchException">It can't be understood.</exception>
    public static RunCondition ParseCondition(string? text, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text)) return new AllOf([]);
        var parser = new RunSearchParser(text, now);
        RunCondition condition = parser.Any(0);
        if (parser.Here.Kind != TokenKind.End) throw parser.Expected("AND, OR or the end");
        return condition;
    }

    /// <summary>The order that a text writes down, as <c>metrics.val_wer.min asc, created desc</c>. Nothing but white space: none.</summary>
    /// <exception cref="RunSearchException">It can't be understood.</exception>
    public static IReadOnlyList<RunOrder> ParseOrder(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        var parser = new RunSearchParser(text, default);
        var keys = new List<RunOrder>();
        do
        {
            if (keys.Count == MostKeys) throw parser.Wrong($"runs can be ordered by at most {MostKeys} keys.");
            RunField field = parser.Field();
            bool descending = parser.Here.IsWord("desc") || parser.Here.IsWord("descending");
            if (descending || parser.Here.IsWord("asc") || parser.Here.IsWord("ascending")) parser._at++;
            keys.Add(new RunOrder(field, descending));
        }
        while (parser.Take(","));
        if (parser.Here.Kind != TokenKind.End) throw parser.Expected("asc, desc, a comma or the end");
        return keys;
    }

    private RunCondition Any(int depth)
    {
        List<RunCondition> conditions = [All(depth)];
        while (TakeWord("or")) conditions.Add(All(depth));
        return conditions is [var only] ? only : new AnyOf(conditions);
    }

    private RunCondition All(int depth)
    {
        List<RunCondition> conditions = [One(depth)];
        while (TakeWord("and")) conditions.Add(One(depth));
        return conditions is [var only] ? only : new AllOf(conditions);
    }

    private RunCondition One(int depth)
    {
        if (depth == Deepest) throw Wrong($"parentheses and NOTs may be nested {Deepest} deep.");
        if (TakeWord("not")) return new Not(One(depth + 1));
        if (!Take("(")) return Condition();
        RunCondition inner = Any(depth + 1);
        if (!Take(")")) throw Expected("AND, OR or )");
        return inner;
    }

    private RunCondition Condition()
    {
        if (++_conditions > MostConditions) throw Wrong($"a search may have {MostConditions} comparisons.");
        Token start = Here;
        RunField field = Field();
        if (TakeWord("is"))
        {
            bool present = TakeWord("not");
            if (!TakeWord("null")) throw Expected(present ? "NULL" : "NULL or NOT NULL");
            return new FieldPresence(field, present);
        }
        bool negated = TakeWord("not");
        if (TakeWord("in")) return new Membership(field, Values(field), negated);
        if (Here.IsWord("like") || Here.IsWord("ilike")) return new Comparison(field, Pattern(negated), Value(field, ComparisonOperator.Like));
        if (negated) throw Expected("LIKE, ILIKE or IN");
        foreach ((string symbol, ComparisonOperator comparison) in Operators)
        {
            if (Take(symbol)) return new Comparison(field, comparison, Value(field, comparison));
        }
        throw Expected($"a comparison behind {_text[start.Position..Math.Max(start.Position, _tokens[_at - 1].Position + 1)].TrimEnd()}…: =, !=, <, <=, >, >=, LIKE, ILIKE, IN, IS NULL or IS NOT NULL");
    }

    private ComparisonOperator Pattern(bool negated) => (TakeWord("ilike") ? 'i' : _at++ >= 0 ? 'l' : ' ', negated) switch
    {
        ('i', false) => ComparisonOperator.ILike,
        ('i', true) => ComparisonOperator.NotILike,
        (_, false) => ComparisonOperator.Like,
        (_, true) => ComparisonOperator.NotLike,
    };

    private List<SearchValue> Values(RunField field)
    {
        if (!Take("(")) throw Expected("( behind IN");
        List<SearchValue> values = [];
        do
        {
            if (values.Count == MostValues) throw Wrong($"a list may have {MostValues} values.");
            values.Add(Value(field, ComparisonOperator.Equal));
        }
        while (Take(","));
        return Take(")") ? values : throw Expected("a comma or )");
    }

    private SearchValue Value(RunField field, ComparisonOperator comparison)
    {
        Token token = Here;
        if (token.Kind is not (TokenKind.Text or TokenKind.Number)) throw Expected(token.Kind is TokenKind.Word or TokenKind.QuotedName ? $"a number, or a text in quotes ('{token.Value}')" : "a number, or a text in quotes");
        _at++;
        return _values.Of(field, comparison, token);
    }

    private RunField Field()
    {
        Token first = Here;
        if (first.Kind != TokenKind.Word) throw Expected("metrics.NAME, params.NAME, tags.NAME or an attribute");
        _at++;
        if (!Here.Is("."))
            return Attribute(first);
        switch (first.Value.ToLowerInvariant())
        {
            case "metrics" or "metric": return Metric();
            case "params" or "param" or "parameters" or "parameter": return new ParamField(string.Join('.', Name()));
            case "tags" or "tag": return new TagField(string.Join('.', Name()));
            case "attributes" or "attribute" or "attr" or "run" or "runs":
                _at++;
                Token name = Here;
                if (name.Kind != TokenKind.Word) throw Expected("an attribute: " + RunAttributes.Known);
                _at++;
                return Attribute(name);
            default: throw new RunSearchException($"there is no {first.Value}.…: write metrics., params., tags. or attributes. before a name.", _text, first.Position);
        }
    }

    private AttributeField Attribute(Token name) => RunAttributes.Find(name.Value) is { } attribute ? new AttributeField(attribute)
        : throw new RunSearchException($"a run has no attribute {name.Value}. There are {RunAttributes.Known}; others are written as metrics.{name.Value}, params.{name.Value} or tags.{name.Value}.", _text, name.Position);

    // metrics.loss.min is the smallest loss; a metric that is called loss.min is written metrics.`loss.min`.
    private MetricField Metric()
    {
        List<string> parts = Name();
        MetricValue? value = parts.Count == 1 ? null : parts[^1].ToLowerInvariant() switch
        {
            "last" => MetricValue.Last,
            "min" or "minimum" => MetricValue.Minimum,
            "max" or "maximum" => MetricValue.Maximum,
            _ => null,
        };
        return value is { } named ? new MetricField(string.Join('.', parts[..^1]), named) : new MetricField(string.Join('.', parts), MetricValue.Last);
    }

    private List<string> Name()
    {
        List<string> parts = [];
        while (Take("."))
        {
            // A name in quotes is MLflow's way too; behind a dot it can't be a value.
            if (Here.Kind is not (TokenKind.Word or TokenKind.QuotedName or TokenKind.Text) || Here.Value.Length == 0) throw Expected("a name");
            parts.Add(Here.Value);
            _at++;
        }
        return parts;
    }

    private bool Take(string symbol)
    {
        if (!Here.Is(symbol)) return false;
        _at++;
        return true;
    }

    private bool TakeWord(string word)
    {
        if (!Here.IsWord(word)) return false;
        _at++;
        return true;
    }

    private RunSearchException Expected(string what) => Wrong($"expected {what}, but found {Here.Told}.");

    private RunSearchException Wrong(string problem) => new(problem, _text, Here.Position);
}
