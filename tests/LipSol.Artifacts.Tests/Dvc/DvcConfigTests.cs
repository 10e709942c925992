using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Tests.Dvc;

public sealed class DvcConfigTests
{
    [Fact]
    public void Settings_are_read_as_DVC_writes_them_and_the_local_ones_win()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config", """
            # shared
            [core]
                remote = Storage
                autostage = true   # and more
            [cache]
                type = "reflink,copy"
            ['remote "Storage"']
                url = s3://bucket/folder
                endpointurl = "http://localhost:5701"
            ['remote "beside"']
                url = ../../shared drive
            """u8.ToArray());
        folder.Write("config.local", "['remote \"storage\"']\n    access_key_id = key\n    secret_access_key = 'a#b'\n"u8.ToArray());
        var config = DvcConfig.Load(folder.Path);
        Assert.Equal("Storage", config.Find("core", "remote"));
        Assert.True(config.IsTrue("core", "autostage"));
        Assert.Equal("reflink,copy", config.Find("cache", "type"));
        var storage = config.Remote("STORAGE")!;
        Assert.Equal(("s3://bucket/folder", "http://localhost:5701", "key", "a#b"), (storage["url"], storage["endpointurl"], storage["access_key_id"], storage["secret_access_key"]));
        Assert.Equal(Path.GetFullPath(Path.Combine(folder.Path, "../../shared drive")), config.Remote("beside")!["url"]);
        Assert.Equal(["beside", "storage"], config.Remotes);
        Assert.Null(config.Remote("nothing"));
    }

    [Fact]
    public void A_line_that_is_no_setting_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("config", "[core]\n    remote\n"u8.ToArray());
        Assert.Contains("line 2", Assert.Throws<DvcException>(() => DvcConfig.Load(folder.Path)).Message, StringComparison.Ordinal);
    }
}
