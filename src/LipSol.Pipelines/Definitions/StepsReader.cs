using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace LipSol.Pipelines;

/// <summary>The steps of a file: each by the rules of its kind, then how they hang together.</summary>
internal sealed class StepsReader(DefinitionReader reader)
{
    private static readonly string[] Common = ["kind", "title", "after", "retries", "backoff", "timeout", "cache"];
    private const int MostRetries = 20;

    public List<(StepDefinition Step, YamlNode At)> Read(YamlMappingNode mapping)
    {
        var steps = new List<(StepDefinition Step, YamlNode At)>();
        if (mapping.Children.Count == 0) reader.Problem(mapping, "there's no step: a pipeline has at least one.");
        if (mapping.Children.Count > PipelineFile.MostSteps) reader.Problem(mapping, $"there are {mapping.Children.Count} steps; {PipelineFile.MostSteps} are the most.");
        foreach ((YamlNode key, YamlNode value) in mapping)
        {
            string name = reader.Name(key, "a step's name") ?? "?";
            if (value is YamlMappingNode settings) steps.Add((Step(name, settings, key), key));
            else reader.Problem(key, $"step '{name}' has no settings: its kind and settings stand below its name, further to the right.");
        }
        CheckTogether(steps, mapping);
        return steps;
    }

    private StepDefinition Step(string name, YamlMappingNode mapping, YamlNode at)
    {
        var step = new StepDefinition
        {
            Name = name,
            Kind = DefinitionReader.Node(mapping, "kind") is { } k ? reader.Text(k, "kind") ?? "?" : reader.Missing(at, "kind", $"say what step '{name}' does: {Kinds()}."),
            Title = DefinitionReader.Node(mapping, "title") is { } title ? reader.Text(title, "title") : null,
            After = DefinitionReader.Node(mapping, "after") is { } after ? Texts(after, "after") : [],
            Retries = DefinitionReader.Node(mapping, "retries") is { } retries ? reader.Whole(retries, "retries", 0, MostRetries) : 0,
            Backoff = DefinitionReader.Node(mapping, "backoff") is { } backoff ? reader.Duration(backoff, "backoff") ?? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(30),
            Timeout = DefinitionReader.Node(mapping, "timeout") is { } timeout ? reader.Duration(timeout, "timeout") : null,
            Cache = DefinitionReader.Node(mapping, "cache") is not { } cache || Flag(cache, "cache"),
        };
        if (StepKinds.Find(step.Kind) is not { } kind)
        {
            if (step.Kind != "?") reader.Problem(DefinitionReader.Node(mapping, "kind")!, $"step '{name}' is of the kind '{step.Kind}', which there isn't. There are: {Kinds()}.");
            return step;
        }
        reader.Known(mapping, [.. Common, .. kind.Settings.Select(s => s.Name)], $"step '{name}' ({kind.Name})");
        if (kind.Uninterruptible && step.Timeout is not null) reader.Problem(DefinitionReader.Node(mapping, "timeout")!, $"step '{name}' can't have a timeout: a promotion is never given up half-way.");
        var settings = new Dictionary<string, StepSetting>(StringComparer.Ordinal);
        foreach (SettingRule rule in kind.Settings)
        {
            if (DefinitionReader.Node(mapping, rule.Name) is { } node)
            {
                if (Setting(node, rule) is { } setting) settings[rule.Name] = setting;
            }
            else if (rule.Required) reader.Problem(at, $"step '{name}' ({kind.Name}) needs '{rule.Name}': {rule.What}.");
        }
        step = step with { Settings = settings };
        if (kind.Check(step) is { } wrong) reader.Problem(at, $"step '{name}': {wrong}");
        return step;
    }

    private StepSetting? Setting(YamlNode node, SettingRule rule)
    {
        switch (rule.Type)
        {
            case SettingType.Steps:
                return new StepSetting { List = Texts(node, rule.Name) };
            case SettingType.Table:
                if (node is not YamlMappingNode mapping)
                {
                    reader.Problem(node, $"{rule.Name} is a table: a name and a value in each line below it ({rule.What}).");
                    return null;
                }
                var table = new SortedDictionary<string, string>(StringComparer.Ordinal);
                foreach ((YamlNode key, YamlNode value) in mapping)
                    if (reader.Text(key, rule.Name) is { } name && reader.Text(value, $"{rule.Name}.{name}") is { } text) table[name] = text;
                return new StepSetting { Table = table };
            default:
                if ((rule.Type == SettingType.Name ? reader.Name(node, rule.Name) : reader.Text(node, rule.Name)) is not { } scalar) return null;
                if (Wrong(scalar, rule) is { } wrong) reader.Problem(node, $"{rule.Name} is '{scalar}': {wrong} ({rule.What}).");
                return new StepSetting { Text = scalar };
        }
    }

    private static string? Wrong(string text, SettingRule rule) => rule.Type switch
    {
        SettingType.Whole => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && whole >= rule.Least && whole <= rule.Most ? null : $"write a whole number{Range(rule)}",
        SettingType.Number => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) && number >= rule.Least && number <= rule.Most ? null : $"write a number{Range(rule)}",
        SettingType.Flag => text is "true" or "false" ? null : "write true or false",
        SettingType.Word => rule.Words.Contains(text) ? null : $"write {string.Join(", ", rule.Words)}",
        _ => null,
    };

    private static string Range(SettingRule rule) => string.Create(CultureInfo.InvariantCulture, $"{(double.IsFinite(rule.Least) ? $" of at least {rule.Least}" : "")}{(double.IsFinite(rule.Most) ? $" and at most {rule.Most}" : "")}");

    private List<string> Texts(YamlNode node, string what) => node switch
    {
        YamlSequenceNode several => [.. several.Select(n => reader.Text(n, what)).OfType<string>()],
        YamlScalarNode one => reader.Text(one, what) is { } text ? [text] : [],
        _ => Told(node, $"{what} is a list of steps, as [small, wide]."),
    };

    private List<string> Told(YamlNode node, string text)
    {
        reader.Problem(node, text);
        return [];
    }

    private bool Flag(YamlNode node, string what)
    {
        string? text = reader.Text(node, what);
        if (text is not (null or "true" or "false")) reader.Problem(node, $"{what} is '{text}': write true or false.");
        return text != "false";
    }

    private void CheckTogether(List<(StepDefinition Step, YamlNode At)> steps, YamlNode all)
    {
        StepDefinition[] known = [.. steps.Select(s => s.Step)];
        foreach ((StepDefinition step, YamlNode at) in steps)
        {
            StepKind? kind = StepKinds.Find(step.Kind);
            foreach (SettingRule rule in kind?.Settings ?? [])
            {
                if (rule.Type == SettingType.Steps && step.Settings.ContainsKey(rule.Name) && step.List(rule.Name).Count == 0) reader.Problem(at, $"step '{step.Name}': {rule.Name} is empty. Name {rule.What}.");
                foreach (string other in rule.Type == SettingType.Step && step.Text(rule.Name) is { } one ? [one] : rule.Type == SettingType.Steps ? step.List(rule.Name) : [])
                    CheckReference(step, rule, other, known, at);
            }
            foreach (string other in step.After.Where(other => known.All(k => k.Name != other))) reader.Problem(at, $"step '{step.Name}' is to run after '{other}', which there isn't. Steps: {Names(known)}.");
        }
        if (StepGraph.Circle(known) is { Count: > 0 } circle)
            reader.Problem(steps.Find(s => s.Step.Name == circle[0]).At ?? all, $"the steps wait for each other in a circle: {string.Join(" needs ", circle.Select(c => $"'{c}'"))}. Take one of these away.");
    }

    private void CheckReference(StepDefinition step, SettingRule rule, string other, StepDefinition[] known, YamlNode at)
    {
        StepDefinition? named = Array.Find(known, k => k.Name == other);
        if (named is null) reader.Problem(at, $"step '{step.Name}': {rule.Name} names '{other}', which there isn't. Steps: {Names(known)}.");
        else if (StepKinds.Find(named.Kind) is { } kind && !kind.Leaves.Contains(rule.Needs))
            reader.Problem(at, $"step '{step.Name}': {rule.Name} names '{other}', a step of the kind {kind.Name}, which {(kind.Leaves.Count == 0 ? "leaves nothing for others" : $"leaves no {rule.Needs}")}. "
                + $"Name one of the kind {string.Join(" or ", StepKinds.All.Where(k => k.Leaves.Contains(rule.Needs)).Select(k => k.Name))}.");
    }

    private static string Names(StepDefinition[] steps) => string.Join(", ", steps.Select(s => s.Name));

    private static string Kinds() => string.Join(", ", StepKinds.All.Select(k => k.Name));
}
