using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace LipSol.Pipelines;

/// <summary>From YAML nodes to a definition. What is wrong goes to <paramref name="problems"/>, with its line.</summary>
internal sealed class DefinitionReader(List<PipelineProblem> problems)
{
    private static readonly string[] Keys = ["pipeline", "about", "schedule", "overlap", "notices", "steps"];
    private static readonly string[] ScheduleKeys = ["cron", "zone", "missed"];
    private static readonly string[] NoticeKeys = ["url", "on"];
    private const int MostNotices = 10;

    public PipelineDefinition? Read(YamlMappingNode root)
    {
        Known(root, Keys, "a pipeline");
        string name = Node(root, "pipeline") is { } node ? Name(node, "pipeline") ?? "?" : Missing(root, "pipeline", "begin the file with `pipeline: NAME`.");
        ScheduleDefinition? schedule = Node(root, "schedule") is { } when ? Schedule(when) : null;
        OverlapRule overlap = Node(root, "overlap") is { } rule ? Word<OverlapRule>(rule, "overlap") : OverlapRule.Skip;
        List<NoticeDefinition> notices = Node(root, "notices") is { } told ? Notices(told) : [];
        List<(StepDefinition Step, YamlNode At)> steps = [];
        if (Node(root, "steps") is not { } list) Missing(root, "steps", "list at least one, as `steps:` with `clips:` and its `kind: prepare` below.");
        else if (list is YamlMappingNode mapping) steps = new StepsReader(this).Read(mapping);
        else Problem(list, "steps is a table: the name of each step, and below it, further to the right, its kind and settings.");
        return new PipelineDefinition { Name = name, About = Node(root, "about") is { } about ? Text(about, "about") : null, Schedule = schedule, Overlap = overlap, Notices = notices, Steps = [.. steps.Select(s => s.Step)] };
    }

    public void Problem(YamlNode node, string text) => problems.Add(new PipelineProblem((int)node.Start.Line, text));

    /// <summary>The node below a key; null where there's none.</summary>
    public static YamlNode? Node(YamlMappingNode mapping, string key) => mapping.Children.FirstOrDefault(c => c.Key is YamlScalarNode { Value: { } k } && k == key).Value;

    /// <summary>Tells keys that nothing knows.</summary>
    public void Known(YamlMappingNode mapping, IReadOnlyCollection<string> known, string of)
    {
        foreach (YamlNode key in mapping.Children.Keys)
        {
            string name = (key as YamlScalarNode)?.Value ?? "?";
            if (known.Contains(name)) continue;
            string? near = known.MinBy(k => Distance(k, name));
            string advice = near is not null && Distance(near, name) <= 2 ? $"Did you mean {near}?" : $"There are: {string.Join(", ", known)}.";
            Problem(key, $"{of} has no '{name}'. {advice}");
        }
    }

    public string? Text(YamlNode node, string what)
    {
        if (node is YamlScalarNode { Value: { Length: > 0 and <= 2000 } text }) return text;
        Problem(node, $"{what} is a text{(node is YamlScalarNode { Value.Length: > 2000 } ? " of at most 2000 characters" : node is YamlScalarNode ? " and can't be empty" : ", not a list or table")}.");
        return null;
    }

    public string? Name(YamlNode node, string what)
    {
        if (Text(node, what) is not { } name) return null;
        if (name.Length <= 64 && char.IsLetterOrDigit(name[0]) && name.All(IsOfName)) return name;
        Problem(node, $"{what} is '{name}': use letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64.");
        return null;
    }

    public TimeSpan? Duration(YamlNode node, string what)
    {
        if (Text(node, what) is not { } text) return null;
        if (Durations.TryParse(text, out TimeSpan duration)) return duration;
        Problem(node, $"{what} is '{text}': write a duration of 1 s to 30 days, as 90s, 30m, 2h or 1d.");
        return null;
    }

    public T Word<T>(YamlNode node, string what) where T : struct, Enum
    {
        if (Text(node, what) is { } text)
        {
            foreach (T value in Enum.GetValues<T>())
                if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase)) return value;
            Problem(node, $"{what} is '{text}': write {string.Join(" or ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}.");
        }
        return default;
    }

    public int Whole(YamlNode node, string what, int least, int most)
    {
        if (Text(node, what) is not { } text) return least;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most) return value;
        Problem(node, $"{what} is '{text}': write a whole number from {least} to {most}.");
        return least;
    }

    private ScheduleDefinition? Schedule(YamlNode node)
    {
        if (node is not YamlMappingNode mapping)
        {
            Problem(node, "schedule is a table: `cron:`, `zone:` and, if you like, `missed:` below it.");
            return null;
        }
        Known(mapping, ScheduleKeys, "schedule");
        MissedRule missed = Node(mapping, "missed") is { } rule ? Word<MissedRule>(rule, "missed") : MissedRule.Once;
        string? cron = Node(mapping, "cron") is { } c ? Text(c, "cron") : Missing(mapping, "cron", "write minute, hour, day, month and day of the week, as `cron: \"30 2 * * *\"` (02:30 every day).");
        string? zone = Node(mapping, "zone") is { } z ? Text(z, "zone") : Missing(mapping, "zone", "name the time zone in which cron is read, as `zone: Asia/Karachi`.");
        if (cron is null or "?" || zone is null or "?") return null;
        var schedule = new ScheduleDefinition(cron, zone, missed);
        if (PipelineSchedule.WhatIsWrongWithCron(cron) is { } wrong) Problem(Node(mapping, "cron")!, wrong);
        else if (PipelineSchedule.FindZone(zone) is null) Problem(Node(mapping, "zone")!, $"there's no time zone '{zone}'.{PipelineSchedule.SimilarZones(zone)} Zones are named as Asia/Karachi, Europe/London or UTC.");
        else if (PipelineSchedule.Of(schedule).Next(DateTimeOffset.UtcNow) is null) Problem(Node(mapping, "cron")!, $"cron is '{cron}': that day never comes.");
        return schedule;
    }

    private List<NoticeDefinition> Notices(YamlNode node)
    {
        var notices = new List<NoticeDefinition>();
        if (node is not YamlSequenceNode sequence)
        {
            Problem(node, "notices is a list: `- url: https://…` and `on: [failed]` for each.");
            return notices;
        }
        if (sequence.Children.Count > MostNotices) Problem(node, $"there are {sequence.Children.Count} notices; {MostNotices} are the most.");
        foreach (YamlNode item in sequence)
        {
            if (item is not YamlMappingNode mapping)
            {
                Problem(item, "a notice has url and on, as `- url: https://…` and `on: [failed]`.");
                continue;
            }
            Known(mapping, NoticeKeys, "a notice");
            string? url = Node(mapping, "url") is { } u ? Text(u, "url") : Missing(mapping, "url", "say where the notice goes.");
            if (url is not null and not "?" && !(Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0))
                Problem(Node(mapping, "url")!, $"url is '{url}': give an address that begins with https:// (or http://) and holds no password.");
            List<NoticeKind> on = Node(mapping, "on") switch
            {
                null => [.. Enum.GetValues<NoticeKind>()],
                YamlSequenceNode several => [.. several.Select(k => Word<NoticeKind>(k, "on")).Distinct()],
                { } one => [Word<NoticeKind>(one, "on")],
            };
            if (url is not null) notices.Add(new NoticeDefinition(url, on));
        }
        return notices;
    }

    public string Missing(YamlNode node, string key, string advice)
    {
        Problem(node, $"there's no '{key}': {advice}");
        return "?";
    }

    // Urdu names carry marks, and a zero-width joiner here and there.
    private static bool IsOfName(char c) => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '\u200c' || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++) (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
