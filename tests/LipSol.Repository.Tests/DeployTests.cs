using System.Diagnostics;

namespace LipSol.Repository.Tests;

/// <summary>Runs .ci/deploy against a stand-in for the container engine's command: no engine runs where the tests do.</summary>
public sealed class DeployTests : IDisposable
{
    private const string Old = "registry/lipsol@sha256:old", New = "registry/lipsol@sha256:new";
    private readonly string folder = Directory.CreateTempSubdirectory("lipsol-deploy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_image_that_gets_ready_and_does_its_work_stays()
    {
        var (status, running) = Deploy(before: Old);
        Assert.Equal(0, status);
        Assert.Equal(New, running);
    }

    [Fact]
    public void An_image_that_does_not_get_ready_is_rolled_back()
    {
        var (status, running) = Deploy(before: Old, neverReady: New);
        Assert.Equal(1, status);
        Assert.Equal(Old, running);
    }

    [Fact]
    public void An_image_that_is_ready_and_cannot_read_a_clip_is_rolled_back()
    {
        var (status, running) = Deploy(before: Old, smokeFails: New);
        Assert.Equal(1, status);
        Assert.Equal(Old, running);
        Assert.Contains("rolled back to " + Old, output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_had_a_model_in_production_must_still_have_one()
    {
        Deploy(before: Old, hadModel: true);
        Assert.All(Calls("smoke"), call => Assert.EndsWith("--expect-model", call, StringComparison.Ordinal));
        Assert.NotEmpty(Calls("smoke"));
    }

    [Fact]
    public void Where_nothing_ran_before_a_failed_image_is_stopped()
    {
        var (status, running) = Deploy(before: "", smokeFails: New);
        Assert.Equal(1, status);
        Assert.Equal("", running);
    }

    [Fact]
    public void A_rollback_that_fails_asks_for_a_person()
    {
        var (status, _) = Deploy(before: Old, neverReady: "registry");
        Assert.Equal(1, status);
        Assert.Contains("needs a person", output, StringComparison.Ordinal);
    }

    [Fact]
    public void All_nodes_are_stopped_before_the_first_of_another_version_starts()
    {
        Deploy(before: Old);
        var calls = File.ReadAllLines(Path.Combine(folder, "calls")).ToList();
        var up = Assert.Single(calls, c => c.StartsWith("compose up", StringComparison.Ordinal));
        Assert.True(calls.IndexOf("compose stop silo-1 silo-2 training") is >= 0 and var stopped && stopped < calls.IndexOf(up));
        // No service is named: the database and every node are waited for.
        Assert.Equal("compose up --detach --no-build --wait --wait-timeout 300", up);
    }

    private string output = "";

    private (int Status, string Running) Deploy(string before, string neverReady = "-", string smokeFails = "-", bool hadModel = false)
    {
        File.WriteAllText(Path.Combine(folder, "running"), before);
        var docker = Path.Combine(folder, "docker");
        File.WriteAllText(docker, StandIn);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(docker, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(Path.Combine(RepositoryFiles.Root, ".ci", "deploy"), ["registry/lipsol:new"]) { RedirectStandardError = true };
        start.Environment["PATH"] = folder + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["STATE"] = folder;
        start.Environment["NEVER_READY"] = neverReady;
        start.Environment["SMOKE_FAILS"] = smokeFails;
        start.Environment["HAD_MODEL"] = hadModel ? "yes" : "";
        using var process = Process.Start(start)!;
        output = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, File.ReadAllText(Path.Combine(folder, "running")).Trim());
    }

    private List<string> Calls(string word) => File.ReadAllLines(Path.Combine(folder, "calls")).Where(l => l.Contains(word, StringComparison.Ordinal)).ToList();

    private const string StandIn =
        """
        #!/usr/bin/env bash
        echo "$*" >> "$STATE/calls"
        running=$(cat "$STATE/running")
        case "$*" in
            "image inspect"*) echo registry/lipsol@sha256:new ;;
            "compose ps"*) [ -z "$running" ] || echo container ;;
            "inspect --format {{.Config.Image}}"*) echo "$running" ;;
            "compose exec -T silo-1 lipsol models list"*) [ -z "$HAD_MODEL" ] || echo '{"production": 3}' ;;
            "compose up"*) echo "$LIPSOL_IMAGE" > "$STATE/running"; [[ $LIPSOL_IMAGE != *"$NEVER_READY"* ]] ;;
            "compose exec -T silo-1 /app/smoke/smoke"*) [[ $running != *"$SMOKE_FAILS"* ]] ;;
            "compose stop silo-1 silo-2 training") : > "$STATE/running" ;;
            *) : ;;
        esac
        """;
}
