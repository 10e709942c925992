using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace LipSol.Search;

/// <summary>Reads the space: a line a parameter.</summary>
internal static class SpaceReader
{
    private const int LongestName = 100, MostValues = 1000;
    private static readonly string[] Known = ["float", "int", "choice", "log", "step", "points", "when"];

    public static SearchSpace Read(YamlNode node)
    {
        if (node is YamlScalarNode { Value: null or "" } or YamlMappingNode { Children.Count: 0 })
            throw new SearchDefinitionException(node.Start.Line, "the space is empty: name at least one parameter, e.g. `learning_rate: { float: [0.0005, 0.01], log: true }`.");
        var fields = new YamlFields(node, "space");
        List<SearchParameter> parameters = [.. fields.All.Select(f => Parameter(f.Key, f.Value))];
        try
        {
            return new SearchSpace(parameters);
        }
        catch (ArgumentException e)
        {
            string? named = parameters.Select(p => p.Name).FirstOrDefault(name => e.Message.StartsWith(name + " ", StringComparison.Ordinal));
            throw new SearchDefinitionException(named is null ? node.Start.Line : fields.LineOf(named), e.Message, e);
        }
    }

    private static SearchParameter Parameter(string name, YamlNode node)
    {
        if (name.Length > LongestName) throw new SearchDefinitionException(node.Start.Line, FormattableString.Invariant($"a parameter's name has {name.Length} characters: at most {LongestName}."));
        var fields = new YamlFields(node, name, Known);
        string[] kinds = [.. new[] { "float", "int", "choice" }.Where(fields.Has)];
        if (kinds.Length != 1) throw new SearchDefinitionException(fields.Line, $"{name} is {(kinds.Length == 0 ? "of no kind" : "of several kinds")}: give one of `float: [low, high]`, `int: [low, high]` and `choice: [a, b]`.");
        Domain domain = kinds[0] switch { "float" => Float(name, fields), "int" => Int(name, fields), _ => Choice(name, fields) };
        return new SearchParameter(name, domain, fields.Node("when") is { } when ? When(name, when) : new Dictionary<string, IReadOnlyList<string>>());
    }

    private static FloatDomain Float(string name, YamlFields fields)
    {
        (double from, double to) = Bounds(name, "float", fields, Number);
        bool log = fields.Truth("log") ?? false;
        double? step = fields.Text("step") is { } text ? Number(name, text, fields.LineOf("step")) : null;
        int? points = (int?)fields.Whole("points", 2, SearchSpace.MostTrials);
        if (log && from <= 0) throw new SearchDefinitionException(fields.LineOf("float"), $"{name} is searched by its logarithm and begins at {Show(from)}: begin above 0, or take `log` away.");
        if (log && step is not null) throw new SearchDefinitionException(fields.LineOf("step"), $"{name} has `log` and `step`: take one away.");
        if (step <= 0) throw new SearchDefinitionException(fields.LineOf("step"), $"{name} has the step {Show(step.Value)}: give one above 0.");
        if (step > to - from) throw new SearchDefinitionException(fields.LineOf("step"), $"{name} has the step {Show(step.Value)}, longer than the way from {Show(from)} to {Show(to)}: give a shorter one.");
        return new FloatDomain(from, to, log, step, points);
    }

    private static IntDomain Int(string name, YamlFields fields)
    {
        (double from, double to) = Bounds(name, "int", fields, (n, text, line) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && Math.Abs(whole) <= int.MaxValue
            ? whole : throw new SearchDefinitionException(line, $"{n} is a whole number and {text} isn't one: write a whole number, or `float` for `int`."));
        bool log = fields.Truth("log") ?? false;
        long? step = fields.Whole("step", 1, int.MaxValue);
        if (fields.Has("points")) throw new SearchDefinitionException(fields.LineOf("points"), $"{name} is a whole number: give `step` for `points`.");
        if (log && from < 1) throw new SearchDefinitionException(fields.LineOf("int"), $"{name} is searched by its logarithm and begins at {Show(from)}: begin at 1 or more, or take `log` away.");
        if (log && step is not null) throw new SearchDefinitionException(fields.LineOf("step"), $"{name} has `log` and `step`: take one away.");
        if (step > to - from) throw new SearchDefinitionException(fields.LineOf("step"), $"{name} has the step {step}, longer than the way from {Show(from)} to {Show(to)}: give a shorter one.");
        return new IntDomain((long)from, (long)to, log, step ?? 1);
    }

    private static ChoiceDomain Choice(string name, YamlFields fields)
    {
        foreach (string key in new[] { "log", "step", "points" })
            if (fields.Has(key)) throw new SearchDefinitionException(fields.LineOf(key), $"{name} is a choice, which has no {key}: take it away, or write `int` or `float`.");
        IReadOnlyList<string> values = fields.List("choice")!;
        if (values.Count == 0) throw new SearchDefinitionException(fields.LineOf("choice"), $"{name} is a choice of nothing: give its values, as `choice: [a, b]`.");
        if (values.Count > MostValues) throw new SearchDefinitionException(fields.LineOf("choice"), FormattableString.Invariant($"{name} has {values.Count} values: at most {MostValues}."));
        if (values.GroupBy(v => v).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new SearchDefinitionException(fields.LineOf("choice"), $"{name} has {twice.Key} twice.");
        return new ChoiceDomain(values);
    }

    private static Dictionary<string, IReadOnlyList<string>> When(string name, YamlNode node)
    {
        var fields = new YamlFields(node, $"`when` of {name}");
        if (!fields.All.Any()) throw new SearchDefinitionException(node.Start.Line, $"{name} has an empty `when`: write `when: {{ other: value }}`, or take it away.");
        return fields.All.ToDictionary(f => f.Key, f => fields.List(f.Key)!);
    }

    private static (double From, double To) Bounds(string name, string kind, YamlFields fields, Func<string, string, long, double> parse)
    {
        long line = fields.LineOf(kind);
        if (fields.List(kind) is not [var low, var high]) throw new SearchDefinitionException(line, $"{name} has two bounds: write `{kind}: [low, high]`.");
        (double from, double to) = (parse(name, low, line), parse(name, high, line));
        if (from > to) throw new SearchDefinitionException(line, $"{name} goes from {low} to {high}: the bounds are the wrong way round. Write `{kind}: [{high}, {low}]`.");
        if (from == to) throw new SearchDefinitionException(line, $"{name} can only be {low}: give two different bounds, or put it under `fixed`.");
        return (from, to);
    }

    private static double Number(string name, string text, long line) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : throw new SearchDefinitionException(line, $"{name} has {text} where a number belongs, e.g. 0.001.");

    private static string Show(double value) => value.ToString(CultureInfo.InvariantCulture);
}
