using System.Globalization;
using System.Text.Json;
using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Search;

namespace LipSol.Storage.Runs.Search;

/// <summary>
/// The statements of a page: one for the keys of its runs in order, one for their number in all. A page goes on behind the last row of the one before, by what that row
/// was ordered by, so that runs which come and go in between move nothing.
/// </summary>
internal sealed class RunPageSql
{
    private readonly RunSql _sql;
    private readonly List<(string Expression, bool Descending)> _keys = [];
    private readonly string _joins = "", _where;
    private readonly RunSelection _selection;

    public RunPageSql(RunSelection selection, ISearchDialect dialect)
    {
        _selection = selection;
        _sql = new RunSql(dialect);
        foreach (RunOrder order in selection.Order.Count > 0 ? selection.Order : [new RunOrder(new AttributeField(RunAttribute.Created), Descending: true)])
            _keys.AddRange(KeysOf(order, ref _joins));
        _keys.Add(("r.RunId", _keys[^1].Descending));

        List<string> conditions = [_sql.Condition(selection.Condition)];
        if (selection.Deleted != DeletedRuns.Included) conditions.Add(selection.Deleted == DeletedRuns.Only ? "r.DeletedAt IS NOT NULL" : "r.DeletedAt IS NULL");
        _where = string.Join(" AND ", conditions);
    }

    /// <summary>The values of both statements.</summary>
    public IReadOnlyList<(string Name, object Value)> Parameters => _sql.Parameters;

    /// <summary>How many runs the page has at most.</summary>
    public int Take => _selection.Take;

    /// <summary>How many columns behind RunKey are what the page is ordered by.</summary>
    public int Keys => _keys.Count;

    /// <summary>RunKey and the keys, one row more than the page has where another page follows.</summary>
    public string Page()
    {
        string after = _selection.After is { } token ? " AND " + Behind(ReadToken(token)) : "";
        string skip = _selection.After is null && _selection.Skip > 0 ? $" OFFSET {_sql.Bind((long)_selection.Skip)}" : "";
        return $"SELECT r.RunKey, {string.Join(", ", _keys.Select(k => k.Expression))} FROM RunIndex r{_joins} WHERE {_where}{after}"
            + $" ORDER BY {string.Join(", ", _keys.Select(Ordered))} LIMIT {_sql.Bind((long)_selection.Take + 1)}{skip}";
    }

    /// <summary>How many runs are found.</summary>
    public string Count() => $"SELECT count(*) FROM RunIndex r WHERE {_where}";

    /// <summary>The place behind a row.</summary>
    public static string Token(IEnumerable<object> keys) => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(keys.Select(Write)));

    private List<(string, bool)> KeysOf(RunOrder order, ref string joins)
    {
        if (order.Field is AttributeField attribute) return [(RunSql.Column(attribute.Attribute), order.Descending)];
        (string table, string name) = RunSql.Table(order.Field);
        string alias = $"o{_keys.Count}";
        joins += $" LEFT JOIN {table} {alias} ON {alias}.Name = {_sql.Bind(name)} AND {alias}.RunKey = r.RunKey";
        // Parameters that are numbers are ordered as such, and before those that aren't.
        return order.Field is MetricField metric ? [($"{alias}.{RunSql.Column(metric.Value)}", order.Descending)]
            : [($"{alias}.Number", order.Descending), ($"{alias}.Text", order.Descending)];
    }

    private static string Ordered((string Expression, bool Descending) key) => key.Expression switch
    {
        // What is never NULL needs no word about it, so that an index gives the order.
        "r.RunId" or "r.CreatedAt" or "r.Experiment" or "r.Status" => key.Expression + (key.Descending ? " DESC" : ""),
        _ => $"{key.Expression} {(key.Descending ? "DESC" : "ASC")} NULLS LAST",
    };

    // k1 behind v1, or k1 = v1 and (k2 behind v2, or …): rows without a key come last.
    private string Behind(object?[] values)
    {
        string condition = "1 = 0";
        for (int i = _keys.Count - 1; i >= 0; i--)
        {
            (string key, bool descending) = _keys[i];
            condition = values[i] is not { } value ? $"({key} IS NULL AND {condition})"
                : $"({key} {(descending ? "<" : ">")} {_sql.Bind(value)} OR {key} IS NULL OR ({key} = {_sql.Bind(value)} AND {condition}))";
        }
        return condition;
    }

    private object?[] ReadToken(string token)
    {
        try
        {
            if (JsonSerializer.Deserialize<string?[]>(Convert.FromBase64String(token)) is { } keys && keys.Length == _keys.Count && Array.TrueForAll(keys, k => k is { Length: > 0 })) return [.. keys.Select(k => Read(k!))];
        }
        catch (Exception e) when (e is FormatException or JsonException or OverflowException or ArgumentException)
        {
            // Told below.
        }
        throw new RefusedException("The place where the page is to begin isn't one that a page with this order gave. Begin with the first page.");
    }

    private static string Write(object key) => key switch
    {
        DBNull => "n",
        long whole => "l" + whole.ToString(CultureInfo.InvariantCulture),
        double number => "d" + number.ToString("R", CultureInfo.InvariantCulture),
        string text => "t" + text,
        _ => throw new NotSupportedException($"Runs aren't ordered by {key.GetType()}."),
    };

    private static object? Read(string key) => key[..1] switch
    {
        "n" => null,
        "l" => long.Parse(key[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        "d" => double.Parse(key[1..], CultureInfo.InvariantCulture),
        "t" => key[1..],
        _ => throw new FormatException(),
    };
}
