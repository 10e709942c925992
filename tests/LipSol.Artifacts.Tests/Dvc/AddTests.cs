using System.Runtime.Versioning;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Tests.Dvc;

[UnsupportedOSPlatform("windows")]
public sealed class AddTests : IDisposable
{
    private readonly DataRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public void A_folder_gets_the_version_that_DVC_publishes_and_files_as_DVC_makes_them()
    {
        _repository.Write("data/foo", "foo");
        _repository.Write("data/bar", "bar");
        var added = _repository.Add("data");
        Assert.Equal("5ea40360f5b4ec688df672a4db9c17d1.dir", added.Hash);
        Assert.True(added.IsChanged);
        Assert.Equal("outs:\n- md5: 5ea40360f5b4ec688df672a4db9c17d1.dir\n  size: 6\n  nfiles: 2\n  hash: md5\n  path: data\n", _repository.Read("data.dvc"));
        Assert.Equal("/data\n", _repository.Read(".gitignore"));
        Assert.Equal("/config.local\n/tmp\n/cache\n", _repository.Read(".dvc/.gitignore"));
        Assert.Equal("", _repository.Read(".dvc/config"));
        Assert.StartsWith("# Add patterns of files dvc should ignore", _repository.Read(".dvcignore"), StringComparison.Ordinal);
        Assert.Equal("[{\"md5\": \"37b51d194a7513e45b56f6524f2d51f2\", \"relpath\": \"bar\"}, {\"md5\": \"acbd18db4cc2f85cedef654fccc4a4d8\", \"relpath\": \"foo\"}]", File.ReadAllText(_repository.Cached(added.Hash)));
        foreach (var hash in (string[])[added.Hash, "37b51d194a7513e45b56f6524f2d51f2", "acbd18db4cc2f85cedef654fccc4a4d8"])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(_repository.Cached(hash)));
        Assert.Equal(["data.dvc", ".gitignore"], added.Changed.OrderDescending());

        var again = _repository.Add("data");
        Assert.False(again.IsChanged);
        Assert.Empty(again.Changed);
        Assert.Equal("?? .dvc/\n?? .dvcignore\n?? .gitignore\n?? data.dvc\n", _repository.Git("status", "--porcelain"));
    }

    [Fact]
    public void Every_vector_that_DVC_made_comes_out_the_same()
    {
        Assert.All(DvcVectorTests.Vectors(), vector =>
        {
            var name = vector.GetProperty("name").GetString()!;
            foreach (var file in vector.GetProperty("files").EnumerateObject()) _repository.Write($"{name}/{file.Name}", file.Value.GetBytesFromBase64());
            Directory.CreateDirectory(_repository[$"{name}/empty folder/in it"]);
            var wanted = vector.GetProperty("md5");
            var added = _repository.Add(name);
            Assert.Equal((wanted.GetProperty("dir_hash").GetString(), wanted.GetProperty("size").GetInt64(), wanted.GetProperty("nfiles").GetInt32()), (added.Hash, added.Size, added.Files));
            Assert.Equal(wanted.GetProperty("dir_bytes").GetString(), File.ReadAllText(_repository.Cached(added.Hash)));
            foreach (var file in wanted.GetProperty("files").EnumerateObject())
                Assert.Equal(vector.GetProperty("files").GetProperty(file.Name).GetBytesFromBase64(), File.ReadAllBytes(_repository.Cached(file.Value.GetString()!)));
        });
    }

    [Fact]
    public void A_file_gets_a_new_version_once_it_changes()
    {
        _repository.Write("clips/کلپ ۱ 😀.bin", "one");
        var first = _repository.Add("clips/کلپ ۱ 😀.bin");
        Assert.Equal("outs:\n- md5: f97c5d29941bfb1b2fdab0874906ab82\n  size: 3\n  hash: md5\n  path: کلپ ۱ 😀.bin\n", _repository.Read("clips/کلپ ۱ 😀.bin.dvc"));
        Assert.Equal("/کلپ ۱ 😀.bin\n", _repository.Read("clips/.gitignore"));
        _repository.Write("clips/کلپ ۱ 😀.bin", "two!");
        var second = _repository.Add("clips/کلپ ۱ 😀.bin");
        Assert.True(second.IsChanged);
        Assert.Equal(["clips/کلپ ۱ 😀.bin.dvc"], second.Changed);
        Assert.Equal("one", File.ReadAllText(_repository.Cached(first.Hash)));
        Assert.Equal("two!", File.ReadAllText(_repository.Cached(second.Hash)));
    }

    [Theory]
    [InlineData("new\nline")]
    [InlineData("back\\slash")]
    [InlineData("#sharp [1]?*!")]
    [InlineData("quote's \"two\"")]
    [InlineData("-dash")]
    [InlineData("true")]
    public async Task Odd_names_come_back_from_cache(string name)
    {
        _repository.Write($"data/{name}/{name}", name);
        _repository.Write(name, name);
        var folder = _repository.Add("data");
        var file = _repository.Add(name);
        Assert.Equal(name, Assert.Single(DvcFile.Parse(_repository.Read(name + ".dvc"), "x").Outputs).Path);
        Assert.Equal((VersionState.Unchanged, true), (_repository.Status("data").State, _repository.Status(name).InCache));
        Directory.Delete(_repository["data"], recursive: true);
        File.Delete(_repository[name]);
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.Equal((name, name), (_repository.Read($"data/{name}/{name}"), _repository.Read(name)));
        Assert.Equal((folder.Hash, file.Hash), (_repository.Add("data").Hash, _repository.Add(name).Hash));
    }

    [Fact]
    public void Links_are_treated_as_DVC_treats_them()
    {
        var elsewhere = _repository.Elsewhere("elsewhere");
        Directory.CreateDirectory(elsewhere);
        File.WriteAllText(Path.Combine(elsewhere, "file"), "linked");
        _repository.Write("data/own", "own");
        File.CreateSymbolicLink(_repository["data/link"], Path.Combine(elsewhere, "file"));
        File.CreateSymbolicLink(_repository["data/folder"], elsewhere);
        Assert.Equal(2, _repository.Add("data").Files); // a link to a folder is left out
        Assert.Equal("linked", _repository.Read("data/link"));
        Assert.Null(new FileInfo(_repository["data/link"]).LinkTarget); // the content is here now
        Assert.NotNull(new FileInfo(_repository["data/folder"]).LinkTarget);

        File.CreateSymbolicLink(_repository["whole"], elsewhere);
        Assert.Contains("is a link to a folder", Refused("whole"), StringComparison.Ordinal);
        Assert.Contains("lies behind the link", Refused("whole/file"), StringComparison.Ordinal);
        Directory.CreateDirectory(_repository["broken"]);
        File.CreateSymbolicLink(_repository["broken/link"], "nowhere");
        Assert.Contains("leads nowhere", Assert.Throws<DvcException>(() => _repository.Add("broken")).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_repository["broken.dvc"]));
    }

    [Fact]
    public void What_cannot_be_a_version_is_refused_with_what_to_do()
    {
        _repository.Write("data/a", "a");
        _repository.Write("data/part/b", "b");
        _repository.Write("held", "by git");
        _repository.Git("add", "held");
        _repository.Add("data");
        Assert.Contains("lipsol data add data", Refused("data/part"), StringComparison.Ordinal);
        Assert.Contains("git rm -r --cached 'held'", Refused("held"), StringComparison.Ordinal);
        Assert.Contains("no file or folder", Refused("nothing"), StringComparison.Ordinal);
        Assert.Contains("outside", Refused(".."), StringComparison.Ordinal);
        Assert.Contains("repository itself", Refused("."), StringComparison.Ordinal);
        Assert.Contains("isn't data", Refused(".dvc/config"), StringComparison.Ordinal);
        Assert.Contains("isn't data", Refused("data.dvc"), StringComparison.Ordinal);
        _repository.Write("above/inside/c", "c");
        _repository.Add("above/inside");
        Assert.Contains("versioned by itself", Refused("above"), StringComparison.Ordinal);
        Assert.Contains("git init", Assert.Throws<DvcException>(() => DvcRepository.OpenOrCreate(_repository.Elsewhere("."))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_dvcignore_excludes_are_no_part()
    {
        _repository.Write(".dvcignore", "# no temporary files\n*.tmp\n/data/logs/\n!keep.tmp\n");
        foreach (var name in (string[])["a", "b.tmp", "keep.tmp", "logs/x", "sub/c.tmp", "sub/.git/config"]) _repository.Write("data/" + name, name);
        Assert.Equal(2, _repository.Add("data").Files);
        Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
        _repository.Write("data/sub/.dvcignore", "x\n");
        Assert.Contains(".dvcignore lies inside", Assert.Throws<DvcException>(() => _repository.Add("data")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hard_links_and_symbolic_links_are_made_where_the_settings_ask_for_them()
    {
        _repository.Open();
        _repository.Write(".dvc/config", "[cache]\n    type = hardlink\n");
        _repository.Write("data/a", "content");
        _repository.Write("data/empty", "");
        var added = _repository.Add("data");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(_repository["data/a"]));
        Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
        _repository.Write(".dvc/config", "[cache]\n    type = symlink\n");
        Assert.Equal(added.Hash, _repository.Add("data").Hash);
        Assert.Equal(_repository.Cached("9a0364b9e99bb480dd25e1f0284c8555"), new FileInfo(_repository["data/a"]).LinkTarget);
        Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
        _repository.Write(".dvc/config", "[cache]\n    type = copy\n");
        Assert.Equal(added.Hash, _repository.Add("data").Hash);
        Assert.Null(new FileInfo(_repository["data/a"]).LinkTarget);
        _repository.Write(".dvc/config", "[cache]\n    type = teleport\n");
        Assert.Contains("teleport", Assert.Throws<DvcException>(() => _repository.Add("data")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_and_empty_folders_and_a_cache_elsewhere_are_no_trouble()
    {
        _repository.Open();
        _repository.Write(".dvc/config", "[cache]\n    dir = ../../cache\n");
        File.SetUnixFileMode(_repository.Write("run", "#!/bin/sh\n"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        Directory.CreateDirectory(_repository["nothing"]);
        _repository.Add("run");
        Assert.Contains("  isexec: true\n  hash: md5\n", _repository.Read("run.dvc"), StringComparison.Ordinal);
        Assert.Equal("d751713988987e9331980363e24189ce.dir", _repository.Add("nothing").Hash);
        Assert.True(File.Exists(Path.Combine(_repository.Elsewhere("cache"), "files", "md5", "d7", "51713988987e9331980363e24189ce.dir")));
        File.Delete(_repository["run"]);
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.True(File.GetUnixFileMode(_repository["run"]).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void A_folder_that_may_only_be_read_is_versioned()
    {
        _repository.Write("data/in/a", "a");
        File.SetUnixFileMode(_repository["data/in/a"], UnixFileMode.UserRead);
        foreach (var folder in (string[])["data/in", "data"]) File.SetUnixFileMode(_repository[folder], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal(1, _repository.Add("data").Files);
            Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
        }
        finally
        {
            foreach (var folder in (string[])["data", "data/in"]) File.SetUnixFileMode(_repository[folder], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void While_another_command_works_here_nothing_is_changed()
    {
        _repository.Write("data", "x");
        using (_repository.Open().Lock())
        {
            var busy = Assert.Throws<DvcException>(() => _repository.Add("data"));
            Assert.Contains("Another command works on", busy.Message, StringComparison.Ordinal);
            Assert.False(busy.IsBadInput);
        }
        Assert.False(File.Exists(_repository["data.dvc"]));
        _repository.Add("data");
    }

    [Fact]
    public void Files_of_DVC_2_keep_their_version_until_they_change()
    {
        _repository.Open();
        _repository.Write("text.csv", "a,b\r\nc,d\r\n");
        var legacy = ArtifactHash.Of("a,b\nc,d\n"u8);
        var old = $"outs:\n- md5: {legacy}\n  size: 10\n  path: text.csv\n";
        _repository.Write("text.csv.dvc", old);
        Assert.Equal(VersionState.Unchanged, _repository.Status("text.csv").State);
        Assert.False(_repository.Add("text.csv").IsChanged);
        Assert.Equal(old, _repository.Read("text.csv.dvc"));
        Assert.Equal("a,b\r\nc,d\r\n", _repository.Read($".dvc/cache/{legacy[..2]}/{legacy[2..]}"));

        _repository.Write("text.csv", "a,b\r\nc,e\r\n");
        var now = _repository.Add("text.csv");
        Assert.Equal(ArtifactHash.Of("a,b\r\nc,e\r\n"u8), now.Hash);
        Assert.Equal($"outs:\n- md5: {now.Hash}\n  size: 10\n  path: text.csv\n  hash: md5\n", _repository.Read("text.csv.dvc"));
    }

    private string Refused(string path)
    {
        var refused = Assert.Throws<DvcException>(() => _repository.Add(path));
        Assert.True(refused.IsBadInput, refused.Message);
        return refused.Message;
    }
}
