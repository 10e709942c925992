using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace LipSol.Repository.Tests;

public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows => [.. RepositoryFiles.EndingIn(".yml").Where(f => f.StartsWith(".github/workflows/", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Workflows))]
    public void Every_action_is_pinned_to_a_full_commit_hash_that_says_its_version(string workflow)
    {
        var uses = Uses().Matches(RepositoryFiles.Read(workflow)).Select(m => m.Groups["action"].Value.Trim()).ToList();
        Assert.NotEmpty(uses);
        foreach (var action in uses.Where(a => !a.StartsWith("./", StringComparison.Ordinal)))
            Assert.Matches(@"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", action);
    }

    [Fact]
    public void An_action_has_the_same_hash_everywhere()
    {
        var pins = Workflows.SelectMany(w => Uses().Matches(RepositoryFiles.Read(w.Data))).Select(m => m.Groups["action"].Value.Trim())
            .Where(a => a.Contains('@')).Distinct().GroupBy(a => string.Join('/', a.Split('@')[0].Split('/').Take(2)), a => a.Split('@')[1]);
        foreach (var pin in pins) Assert.Single(pin.Distinct());
    }

    [Theory, MemberData(nameof(Workflows))]
    public void A_workflow_begins_with_the_right_to_read_and_no_other(string workflow)
    {
        var permissions = Assert.IsType<YamlMappingNode>(Load(workflow)["permissions"]);
        foreach (var (_, right) in permissions) Assert.Contains(right.ToString(), new[] { "read", "none" });
    }

    [Theory, MemberData(nameof(Workflows))]
    public void Runs_that_overtake_each_other_are_grouped_and_no_job_runs_for_ever(string workflow)
    {
        var root = Load(workflow);
        Assert.True(root.Children.ContainsKey("concurrency"), "no concurrency group");
        foreach (var (name, job) in (YamlMappingNode)root["jobs"])
        {
            var settings = (YamlMappingNode)job;
            Assert.True(settings.Children.ContainsKey("uses") || settings.Children.ContainsKey("timeout-minutes"), $"job {name} has no time limit");
        }
    }

    [Theory, MemberData(nameof(Workflows))]
    public void No_step_keeps_the_token_in_the_checkout_or_pastes_an_event_into_a_script(string workflow)
    {
        foreach (var (_, job) in (YamlMappingNode)Load(workflow)["jobs"])
        {
            if (!((YamlMappingNode)job).Children.TryGetValue("steps", out var steps)) continue;
            foreach (var step in ((YamlSequenceNode)steps).Cast<YamlMappingNode>())
            {
                if (step.Children.TryGetValue("uses", out var uses) && uses.ToString().StartsWith("actions/checkout@", StringComparison.Ordinal))
                    Assert.Equal("false", step["with"]["persist-credentials"].ToString());
                if (step.Children.TryGetValue("run", out var run)) Assert.DoesNotContain("${{", run.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Required_checks_in_the_page_on_branch_protection_are_jobs_that_exist()
    {
        var page = RepositoryFiles.Read("docs/branch-protection.md");
        var row = page.Split('\n').Single(l => l.StartsWith("| Required checks", StringComparison.Ordinal)).Split('|')[2];
        var checks = Regex.Matches(row, "`([^`]+)`").Select(m => m.Groups[1].Value);
        var names = Workflows.SelectMany(w => CheckNames(Load(w.Data))).ToHashSet();
        foreach (var check in checks) Assert.Contains(check, names);
    }

    private static IEnumerable<string> CheckNames(YamlMappingNode workflow)
    {
        foreach (var (id, node) in (YamlMappingNode)workflow["jobs"])
        {
            var job = (YamlMappingNode)node;
            var name = job.Children.TryGetValue("name", out var given) ? given.ToString() : id.ToString();
            var key = Regex.Match(name, @"\$\{\{ matrix\.(\w+) \}\}");
            if (!key.Success) yield return name;
            else
            {
                var matrix = (YamlMappingNode)job["strategy"]["matrix"];
                var values = matrix.Children.TryGetValue(key.Groups[1].Value, out var list)
                    ? ((YamlSequenceNode)list).Select(v => v.ToString())
                    : ((YamlSequenceNode)matrix["include"]).Select(v => v[key.Groups[1].Value].ToString());
                foreach (var value in values) yield return name.Replace(key.Value, value, StringComparison.Ordinal);
            }
        }
    }

    private static YamlMappingNode Load(string workflow)
    {
        var stream = new YamlStream();
        using var text = new StringReader(RepositoryFiles.Read(workflow));
        stream.Load(text);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    [GeneratedRegex(@"^\s*(?:- )?uses:(?<action>.+)$", RegexOptions.Multiline)]
    private static partial Regex Uses();
}
