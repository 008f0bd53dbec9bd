using Training.Core.Data.Folders;

namespace Training.Tests.Data.Folders;

public sealed class LitterTests
{
    [Theory]
    [InlineData(".DS_Store")]
    [InlineData("._cat.jpg")]
    [InlineData(".ipynb_checkpoints")]
    [InlineData(".@__thumb")]
    [InlineData(".Trash-1000")]
    [InlineData(".git")]
    [InlineData(".picasaoriginals")]
    [InlineData("__MACOSX")]
    [InlineData("Icon\r")]
    [InlineData("@eaDir")]
    [InlineData("#recycle")]
    [InlineData("@Recycle")]
    [InlineData("$Recycle.Bin")]
    [InlineData("lost+found")]
    [InlineData("System Volume Information")]
    [InlineData("THUMBS.DB")]
    [InlineData("ehthumbs.db")]
    [InlineData("desktop.ini")]
    [InlineData("Picasa.ini")]
    [InlineData("found.001")]
    [InlineData("photo.jpg:Zone.Identifier")]
    [InlineData("photo.jpg@SynoResource")]
    public void Is_WhatSystemsLeaveBehind_True(string name) => Assert.True(Litter.Is(name));

    [Theory]
    [InlineData("cat.jpg")]
    [InlineData("trash")]
    [InlineData("recycle")]
    [InlineData("Icon")]
    [InlineData("icon.png")]
    [InlineData("@cat")]
    [InlineData("#1")]
    [InlineData("lost")]
    [InlineData("found.jpg")]
    [InlineData("고양이")]
    public void Is_WhatPeoplePutThere_False(string name) => Assert.False(Litter.Is(name));
}
