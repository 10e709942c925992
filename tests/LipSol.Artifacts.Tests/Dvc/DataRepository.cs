using System.Diagnostics;
using System.Text;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Tests.Dvc;

/// <summary>A git repository in a folder of its own, with a folder beside it that serves as remote.</summary>
internal sealed class DataRepository : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataRepository()
    {
        Directory.CreateDirectory(Root);
        Git("init", "--quiet", "--initial-branch=main");
        Git("config", "user.name", "test");
        Git("config", "user.email", "test@example.org");
    }

    public string Root => Path.Combine(_folder.Path, "repository");

    public string Remote => Path.Combine(_folder.Path, "remote");

    public string this[string relative] => Path.Combine(Root, relative);

    public string Elsewhere(string name) => Path.Combine(_folder.Path, name);

    public DvcRepository Open() => DvcRepository.OpenOrCreate(Root);

    public AddedVersion Add(string relative) => DvcAdd.Run(Open(), this[relative], cancellationToken: TestContext.Current.CancellationToken);

    public VersionStatus Status(string relative) => Assert.Single(DvcStatus.Read(Open(), [this[relative]], cancellationToken: TestContext.Current.CancellationToken));

    public Task<PushedVersions> PushAsync() => DvcPush.RunAsync(Open(), remote: Remote, cancellationToken: TestContext.Current.CancellationToken);

    public Task<PulledVersions> PullAsync(bool force = false) => DvcPull.RunAsync(Open(), remote: Remote, force: force, cancellationToken: TestContext.Current.CancellationToken);

    public string Write(string relative, string text) => Write(relative, Encoding.UTF8.GetBytes(text));

    public string Write(string relative, byte[] bytes)
    {
        var path = this[relative];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Read(string relative) => File.ReadAllText(this[relative]);

    public string Cached(string hash) => this[$".dvc/cache/files/md5/{hash[..2]}/{hash[2..]}"];

    public string Sent(string hash) => Path.Combine(Remote, "files", "md5", hash[..2], hash[2..]);

    /// <summary>Has everything but the git-kept files go: cache, index and data.</summary>
    public void Forget(params string[] data)
    {
        Directory.Delete(this[".dvc/cache"], recursive: true);
        Directory.Delete(this[".dvc/tmp"], recursive: true);
        foreach (var path in data)
        {
            if (Directory.Exists(this[path])) Directory.Delete(this[path], recursive: true);
            else File.Delete(this[path]);
        }
    }

    public void Commit(string message)
    {
        Git("add", "--all");
        Git("commit", "--quiet", "--allow-empty", "-m", message);
    }

    public string Git(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Root, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = git.StandardError.ReadToEndAsync();
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, errors.Result);
        return output;
    }

    public static void Overwrite(string path, string text)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(path, text);
    }

    public void Dispose() => _folder.Dispose();
}
