using System.Diagnostics;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Data;

/// <summary>`data` in a git repository, with a folder as remote.</summary>
public sealed class DataTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public DataTests()
    {
        Directory.CreateDirectory(scratch["repository/data"]);
        Git("init", "--quiet", "--initial-branch=main");
        Git("config", "user.name", "test");
        Git("config", "user.email", "test@example.org");
        File.WriteAllText(scratch["repository/data/foo"], "foo");
        File.WriteAllText(scratch["repository/data/bar"], "bar");
    }

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_version_goes_to_a_remote_and_comes_back()
    {
        var added = (await RunAsync("add", scratch["repository/data"], "--json")).With(0);
        var version = added.Document.GetProperty("versions")[0];
        Assert.Equal("5ea40360f5b4ec688df672a4db9c17d1.dir", version.GetProperty("hash").GetString());
        Assert.Contains(".dvc", added.Errors); // that the repository was made is said, on stderr
        Git("add", "--all");
        Git("commit", "--quiet", "-m", "data");
        Assert.Equal("unchanged", (await InAsync("status", "--json")).With(0).Document.GetProperty("versions")[0].GetProperty("state").GetString());
        Assert.Equal(3, (await InAsync("push", "--remote", scratch["remote"], "--json")).With(0).Document.GetProperty("sent").GetInt32());
        Assert.Contains("0 contents sent", (await InAsync("push", "--remote", scratch["remote"])).With(0).Output);
        Assert.Equal(0, (await InAsync("status", "--remote", scratch["remote"], "--json")).With(0).Document.GetProperty("missingOnRemote").GetProperty("data").GetInt32());

        Directory.Delete(scratch["repository/data"], recursive: true);
        Directory.Delete(scratch["repository/.dvc/cache"], recursive: true);
        Assert.Contains("missing", (await InAsync("status")).With(0).Output);
        Assert.Equal(2, (await InAsync("pull", "--remote", scratch["remote"], "--json")).With(0).Document.GetProperty("written").GetInt32());
        Assert.Equal("foo", File.ReadAllText(scratch["repository/data/foo"]));

        File.WriteAllText(scratch["repository/data/foo"], "changed");
        Assert.Contains("modified   foo", (await InAsync("status")).With(0).Output);
        Assert.Equal("modified", (await InAsync("diff", "--json")).With(0).Document.GetProperty("changes")[0].GetProperty("files")[0].GetProperty("change").GetString());
        var refused = (await InAsync("pull", "--remote", scratch["remote"])).With(1);
        Assert.Contains("lipsol data add data", refused.Errors);
        Assert.Equal("changed", File.ReadAllText(scratch["repository/data/foo"]));
    }

    [Fact]
    public async Task What_nothing_refers_to_is_shown_and_removed_once_that_is_wanted()
    {
        (await RunAsync("add", scratch["repository/data"])).With(0);
        File.WriteAllText(scratch["repository/data/foo"], "another");
        (await RunAsync("add", scratch["repository/data"])).With(0);
        var old = scratch["repository/.dvc/cache/files/md5/5e/a40360f5b4ec688df672a4db9c17d1.dir"];
        Assert.Contains("0 contents that nothing refers to", (await InAsync("gc")).With(0).Output); // too new
        var dry = (await InAsync("gc", "--older-than", "0s", "--dry-run", "--json")).With(0).Document;
        Assert.Equal((2, 3, 0), (dry.GetProperty("contents").GetArrayLength(), dry.GetProperty("kept").GetInt32(), dry.GetProperty("removed").GetInt32()));
        var asked = (await InAsync("gc", "--older-than", "0s")).With(2);
        Assert.Contains("Nobody can be asked here: give --yes", asked.Errors);
        Assert.Contains("5ea40360f5b4ec688df672a4db9c17d1.dir", asked.Errors);
        Assert.True(File.Exists(old));
        Assert.Equal(2, (await InAsync("gc", "--older-than", "0s", "--yes", "--json")).With(0).Document.GetProperty("removed").GetInt32());
        Assert.False(File.Exists(old));
        Assert.Contains("unchanged", (await InAsync("status")).With(0).Output);
    }

    [Fact]
    public async Task What_is_asked_for_wrongly_ends_with_status_2_and_changes_nothing()
    {
        Assert.Contains("There is no file or folder", (await RunAsync("add", scratch["repository/nothing"])).With(2).Errors);
        Assert.False(Directory.Exists(scratch["repository/.dvc"]));
        Assert.Contains("lipsol data add PATH", (await InAsync("push")).With(2).Errors);
        Directory.CreateDirectory(scratch["plain"]);
        File.WriteAllText(scratch["plain/x"], "x");
        Assert.Contains("git init", (await RunAsync("add", scratch["plain/x"])).With(2).Errors);
        (await RunAsync("add", scratch["repository/data"])).With(0);
        Assert.Contains("No remote is configured", (await InAsync("push", "--json")).With(2).Document.GetProperty("error").GetString());
        Assert.Contains("--older-than 5", (await InAsync("gc", "--older-than", "5")).With(2).Errors);
        (await InAsync("push", "--jobs", "0")).With(2);
    }

    private Task<Answer> InAsync(string command, params string[] arguments) => RunAsync(command, [.. arguments, "--repository", scratch["repository"]]);

    private Task<Answer> RunAsync(string command, params string[] arguments) => LipSolProgram.RunAsync(scratch["workshop"], ["data", command, .. arguments]);

    private void Git(params string[] arguments)
    {
        using var git = Process.Start("git", ["-C", scratch["repository"], .. arguments]);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }
}
