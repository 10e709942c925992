using System.Globalization;
using LipSol.Grains.Runs.Search;

namespace LipSol.Storage.Runs.Search;

/// <summary>Writes a search as SQL over the tables of the run index. Values become parameters, always: nothing of what people write is pasted in.</summary>
internal sealed class RunSql(ISearchDialect dialect)
{
    private const string True = "1 = 1", False = "1 = 0";

    /// <summary>The parameters, in order.</summary>
    public List<(string Name, object Value)> Parameters { get; } = [];

    /// <summary>A new parameter; returns its name.</summary>
    public string Bind(object value)
    {
        string name = "@p" + Parameters.Count.ToString(CultureInfo.InvariantCulture);
        Parameters.Add((name, value));
        return name;
    }

    /// <summary>A condition on the row <c>r</c> of RunIndex that is true or false, never NULL.</summary>
    public string Condition(RunCondition condition) => condition switch
    {
        AllOf { Conditions: [] } => True,
        AllOf all => "(" + string.Join(" AND ", all.Conditions.Select(Condition)) + ")",
        AnyOf { Conditions: [] } => False,
        AnyOf any => "(" + string.Join(" OR ", any.Conditions.Select(Condition)) + ")",
        Not not => $"NOT {Condition(not.Condition)}",
        Comparison comparison => Of(comparison.Field, columns => Compare(comparison, columns)),
        Membership membership => Of(membership.Field, columns => Among(membership, columns)),
        FieldPresence presence => (presence.Present ? "" : "NOT ") + (presence.Field is AttributeField attribute ? $"({Column(attribute.Attribute)} IS NOT NULL)" : Row(presence.Field, True)),
        _ => throw new NotSupportedException($"There's no SQL for {condition}."),
    };

    /// <summary>The columns of an attribute, or of the row <c>x</c> that a parameter, tag or metric has.</summary>
    /// <param name="Value">The value.</param>
    /// <param name="Number">The value as a number; only of parameters and tags.</param>
    private readonly record struct Columns(string Value, string? Number = null);

    private string Of(RunField field, Func<Columns, string> condition) => field switch
    {
        AttributeField attribute => $"coalesce({condition(new Columns(Column(attribute.Attribute)))}, {False})",
        MetricField metric => Row(field, condition(new Columns("x." + Column(metric.Value)))),
        _ => Row(field, condition(new Columns("x.Text", "x.Number"))),
    };

    private string Row(RunField field, string condition)
    {
        (string table, string name) = Table(field);
        return $"EXISTS (SELECT 1 FROM {table} x WHERE x.Name = {Bind(name)} AND x.RunKey = r.RunKey AND {condition})";
    }

    private string Compare(Comparison comparison, Columns columns)
    {
        SearchValue value = comparison.Value;
        switch (comparison.Operator)
        {
            case ComparisonOperator.Like or ComparisonOperator.NotLike or ComparisonOperator.ILike or ComparisonOperator.NotILike:
                return dialect.Pattern(columns.Value, comparison.Operator, value.Text!, Bind);
            case ComparisonOperator.Equal:
                return Equal(columns, value);
            case ComparisonOperator.NotEqual:
                return columns.Number is null ? $"{columns.Value} <> {Bind(Plain(value))}" : $"NOT {Equal(columns, value)}";
            default:
                return $"{columns.Number ?? columns.Value} {Symbol(comparison.Operator)} {Bind(columns.Number is null ? Plain(value) : value.Number!.Value)}";
        }
    }

    // Two texts that are both numbers are compared as numbers: 0.004 is 4e-3.
    private string Equal(Columns columns, SearchValue value) =>
        columns.Number is null ? $"{columns.Value} = {Bind(Plain(value))}"
        : value.Number is { } number ? $"coalesce({columns.Number} = {Bind(number)}, {False})"
        : $"{columns.Value} = {Bind(value.Text!)}";

    private string Among(Membership membership, Columns columns)
    {
        string any = columns.Number is null ? In(columns.Value, membership.Values.Select(Plain))
            : $"(coalesce({In(columns.Number, membership.Values.Where(v => v.Number is not null).Select(v => (object)v.Number!.Value))}, {False}) OR {In(columns.Value, membership.Values.Where(v => v.Number is null).Select(v => v.Text!))})";
        return membership.Negated ? "NOT " + any : any;
    }

    // Not a chain of ORs: databases bound how deep an expression may be.
    private string In(string column, IEnumerable<object> values) => values.Select(Bind).ToArray() is { Length: > 0 } names ? $"({column} IN ({string.Join(", ", names)}))" : $"({False})";

    private static object Plain(SearchValue value) => value.Integer ?? (object?)value.Number ?? value.Text!;

    /// <summary>The table of a parameter, tag or metric, and its name there.</summary>
    public static (string Table, string Name) Table(RunField field) => field switch
    {
        ParamField param => ("RunParam", param.Name),
        TagField tag => ("RunTag", tag.Name),
        MetricField metric => ("RunMetric", metric.Name),
        _ => throw new NotSupportedException($"{field} has no table."),
    };

    /// <summary>The column of a metric's value.</summary>
    public static string Column(MetricValue value) => value switch { MetricValue.Minimum => "Minimum", MetricValue.Maximum => "Maximum", _ => "Last" };

    /// <summary>The expression of an attribute.</summary>
    public static string Column(RunAttribute attribute) => attribute switch
    {
        RunAttribute.Id => "r.RunId",
        RunAttribute.Created => "r.CreatedAt",
        RunAttribute.Started => "r.StartedAt",
        RunAttribute.Ended => "r.EndedAt",
        RunAttribute.Duration => "(r.EndedAt - r.StartedAt)",
        _ => "r." + attribute,
    };

    private static string Symbol(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Less => "<",
        ComparisonOperator.LessOrEqual => "<=",
        ComparisonOperator.Greater => ">",
        ComparisonOperator.GreaterOrEqual => ">=",
        _ => throw new NotSupportedException($"{comparison} has no symbol."),
    };
}
