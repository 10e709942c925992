using System.Text;

namespace LipSol.Artifacts.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class FolderArtifactStoreTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Content_comes_back_as_it_was_put_under_the_MD5_of_its_bytes()
    {
        var store = new FolderArtifactStore(_root.Path);
        var hash = store.PutBytes("hello\n"u8);
        Assert.Equal("b1946ac92492d2347c6235b4d2611184", hash);
        Assert.Equal("hello\n", Encoding.UTF8.GetString(store.ReadBytes(hash)));
        Assert.True(store.Exists(hash));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(store.PathOf(hash)));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_root.Path, "tmp")));
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", store.PutBytes([]));
    }

    [Fact]
    public async Task Files_and_bytes_of_equal_content_are_one_artifact()
    {
        IArtifactStore store = new FolderArtifactStore(_root.Path);
        using var folder = new TemporaryFolder();
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        var path = folder.Write("آواز کا فولڈر.bin", bytes);
        var hash = await store.PutFileAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(hash, await store.PutBytesAsync(bytes, TestContext.Current.CancellationToken));
        Assert.True(await store.ExistsAsync(hash, TestContext.Current.CancellationToken));
        await using var read = await store.OpenReadAsync(hash, verify: true, TestContext.Current.CancellationToken);
        Assert.Equal(hash, ArtifactHash.Of(read));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_root.Path, "files"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_is_removed_once_and_a_folder_never()
    {
        IArtifactStore store = new FolderArtifactStore(_root.Path);
        using var folder = new TemporaryFolder();
        folder.Write("a", "content"u8.ToArray());
        var whole = await store.PutFolderAsync(folder.Path, TestContext.Current.CancellationToken);
        var hash = await store.PutBytesAsync("checkpoint"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(await store.RemoveAsync(hash, TestContext.Current.CancellationToken));
        Assert.False(await store.RemoveAsync(hash, TestContext.Current.CancellationToken));
        Assert.False(await store.ExistsAsync(hash, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => store.RemoveAsync(whole, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => store.RemoveAsync("../../etc/passwd", TestContext.Current.CancellationToken));
        Assert.Equal(hash, await store.PutBytesAsync("checkpoint"u8.ToArray(), TestContext.Current.CancellationToken));
        Assert.True(await store.ExistsAsync(hash, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Damage_is_noticed_where_content_is_verified_and_a_truncated_object_is_put_again()
    {
        var store = new FolderArtifactStore(_root.Path);
        var hash = store.PutBytes("content"u8);
        Overwrite(store.PathOf(hash), "CONTENT"u8.ToArray());
        Assert.Throws<ArtifactDamagedException>(() => store.ReadBytes(hash));
        Assert.Throws<ArtifactDamagedException>(() => store.OpenRead(hash, verify: true));
        using var target = new TemporaryFolder();
        Assert.Throws<ArtifactDamagedException>(() => store.Materialise(hash, Path.Combine(target.Path, "file")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(target.Path));

        Overwrite(store.PathOf(hash), "cont"u8.ToArray());
        Assert.Equal(hash, store.PutBytes("content"u8));
        Assert.Equal("content", Encoding.UTF8.GetString(store.ReadBytes(hash)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("B1946AC92492D2347C6235B4D2611184")]
    [InlineData("b1946ac92492d2347c6235b4d261118")]
    [InlineData("b1946ac92492d2347c6235b4d2611184.exe")]
    [InlineData("/1946ac92492d2347c6235b4d2611184")]
    public void What_is_not_a_hash_never_becomes_a_path(string hash)
    {
        var store = new FolderArtifactStore(_root.Path);
        Assert.Throws<ArgumentException>(() => store.OpenRead(hash));
        Assert.Throws<ArgumentException>(() => store.Exists(hash));
    }

    [Theory]
    [InlineData("[{\"md5\": \"b1946ac92492d2347c6235b4d2611184\", \"relpath\": \"../evil\"}]")]
    [InlineData("[{\"md5\": \"b1946ac92492d2347c6235b4d2611184\", \"relpath\": \"/etc/evil\"}]")]
    [InlineData("[{\"md5\": \"b1946ac92492d2347c6235b4d2611184\", \"relpath\": \"a/../../evil\"}]")]
    [InlineData("[{\"md5\": \"x\", \"relpath\": \"a\"}]")]
    [InlineData("[{\"relpath\": \"a\"}]")]
    [InlineData("{}")]
    [InlineData("not json")]
    public void A_hostile_listing_writes_nothing(string listing)
    {
        var store = new FolderArtifactStore(_root.Path);
        store.PutBytes("hello\n"u8);
        var bytes = Encoding.UTF8.GetBytes(listing);
        var hash = ArtifactHash.Of(bytes) + ".dir";
        Directory.CreateDirectory(Path.GetDirectoryName(store.PathOf(hash))!);
        File.WriteAllBytes(store.PathOf(hash), bytes);
        using var target = new TemporaryFolder();
        Assert.Throws<InvalidDataException>(() => store.Materialise(hash, Path.Combine(target.Path, "inner")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(target.Path));
    }

    [Fact]
    public void What_is_absent_is_said_to_be()
    {
        var store = new FolderArtifactStore(_root.Path);
        var absent = new string('a', 32);
        Assert.Contains(absent, Assert.Throws<ArtifactNotFoundException>(() => store.ReadBytes(absent)).Message, StringComparison.Ordinal);
        Assert.Throws<ArtifactNotFoundException>(() => store.PutListing(FolderListing.Of([new FolderEntry(absent, "a")])));
        Assert.Throws<DirectoryNotFoundException>(() => store.PutFolder(Path.Combine(_root.Path, "nowhere")));
        Assert.Throws<FileNotFoundException>(() => store.PutFile(Path.Combine(_root.Path, "nothing")));
        Assert.False(store.Exists(absent));
    }

    [Fact]
    public void Links_are_followed_and_a_link_to_a_folder_above_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a/file", "1"u8.ToArray());
        File.CreateSymbolicLink(Path.Combine(folder.Path, "link"), Path.Combine(folder.Path, "a", "file"));
        Assert.Equal(["a/file", "link"], FolderListing.Of(folder.Path).Entries.Select(e => e.RelativePath));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "a", "loop"), folder.Path);
        Assert.Throws<IOException>(() => FolderListing.Of(folder.Path));
    }

    [Fact]
    public void Many_writers_of_the_same_content_leave_one_whole_artifact()
    {
        var bytes = new byte[1_000_000];
        new Random(2).NextBytes(bytes);
        var hashes = new string[32];
        Parallel.For(0, hashes.Length, i => hashes[i] = new FolderArtifactStore(_root.Path).PutBytes(bytes));
        Assert.Equal([ArtifactHash.Of(bytes)], hashes.Distinct());
        Assert.Equal(bytes, new FolderArtifactStore(_root.Path).ReadBytes(hashes[0]));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_root.Path, "tmp")));
    }

    [Fact]
    public void A_cancelled_put_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("big", new byte[1 << 20]);
        var store = new FolderArtifactStore(_root.Path);
        Assert.Throws<OperationCanceledException>(() => store.PutFile(path, new CancellationToken(canceled: true)));
        Assert.Empty(Directory.EnumerateFiles(_root.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_after_a_day_and_not_before()
    {
        var store = new FolderArtifactStore(_root.Path);
        var leftover = Path.Combine(_root.Path, "tmp", "0123.part");
        File.WriteAllText(leftover, "half");
        _ = new FolderArtifactStore(_root.Path);
        Assert.True(File.Exists(leftover));
        File.SetLastWriteTimeUtc(leftover, DateTime.UtcNow.AddHours(-25));
        _ = new FolderArtifactStore(store.Root);
        Assert.False(File.Exists(leftover));
    }

    private static void Overwrite(string path, byte[] bytes)
    {
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, bytes);
    }
}
